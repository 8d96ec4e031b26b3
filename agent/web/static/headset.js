// The operator's headset: joins their microphone and loudspeaker to a call, and rings.
//
// Page -> here: headset.ready(), join(handoff), leave(), mute(on), ring(on).
// Here -> page: emitEvent("headset", {state, trouble}); state: ready | joined | left | muted.

import { Trouble, offerTo, openMicrophone } from "/static/line.js";

const LOST_LIMIT_MS = 4000; // a connection "disconnected" for so long is lost
const RING_EVERY_MS = 2000;

const SENTENCES = {
  unconnected: "Votre casque n'a pas pu rejoindre l'appel : le client est appelé par un collègue ou sera rappelé.",
  lost: "La liaison avec votre casque est coupée.",
};

class Headset {
  constructor() {
    this.peer = null;
    this.microphone = null;
    this.handoff = null;
    this.muted = false;
    this.ringing = null;
    this.voice = new Audio();
    this.voice.autoplay = true;
  }

  tell(state, trouble = "") {
    emitEvent("headset", { state, trouble, handoff: this.handoff });
  }

  /** Ask for the microphone once, so that nothing is asked when a caller waits. */
  async ready() {
    try {
      const microphone = await openMicrophone();
      for (const track of microphone.getTracks()) track.stop();
      this.context ??= new AudioContext();
      await this.context.resume();
      this.tell("ready");
    } catch (error) {
      this.tell("unready", error instanceof Trouble ? error.message : SENTENCES.unconnected);
    }
  }

  async join(handoff) {
    if (this.handoff === handoff) return;
    this.drop();
    this.handoff = handoff;
    this.ring(false);
    try {
      const microphone = await openMicrophone();
      if (this.handoff !== handoff) return microphone.getTracks().forEach((track) => track.stop());
      this.microphone = microphone;
      const peer = (this.peer = new RTCPeerConnection());
      for (const track of microphone.getTracks()) peer.addTrack(track, microphone);
      peer.createDataChannel("events").onclose = () => this.over(peer);
      peer.ontrack = ({ track, streams }) => {
        this.voice.srcObject = streams[0] ?? new MediaStream([track]);
        this.voice.play().catch(() => {});
      };
      peer.onconnectionstatechange = () => this.follow(peer);
      const url = `/api/casque/${handoff}/offer`;
      await peer.setRemoteDescription(await offerTo(url, peer, SENTENCES.unconnected));
    } catch (error) {
      if (this.handoff !== handoff) return;
      this.drop();
      this.tell("left", error instanceof Trouble ? error.message : SENTENCES.unconnected);
    }
  }

  follow(peer) {
    if (peer !== this.peer) return;
    clearTimeout(this.losing);
    if (peer.connectionState === "connected") this.tell("joined");
    else if (peer.connectionState === "disconnected")
      this.losing = setTimeout(() => this.over(peer, SENTENCES.lost), LOST_LIMIT_MS);
    else if (peer.connectionState === "failed") this.over(peer, SENTENCES.unconnected);
    else if (peer.connectionState === "closed") this.over(peer);
  }

  over(peer, trouble = "") {
    if (peer !== this.peer) return;
    this.drop();
    this.tell("left", trouble);
  }

  leave() {
    this.drop();
  }

  drop() {
    const { peer, microphone } = this;
    this.peer = this.microphone = this.handoff = null;
    this.muted = false;
    clearTimeout(this.losing);
    for (const track of microphone?.getTracks() ?? []) track.stop();
    this.voice.srcObject = null;
    peer?.close();
  }

  mute(on) {
    this.muted = on;
    for (const track of this.microphone?.getAudioTracks() ?? []) track.enabled = !on;
  }

  /** Two short notes every two seconds, as long as somebody waits. */
  ring(on) {
    if (on === (this.ringing !== null)) return;
    if (!on) {
      clearInterval(this.ringing);
      this.ringing = null;
      return;
    }
    const sound = () => {
      this.context ??= new AudioContext();
      for (const [at, hertz] of [[0, 660], [0.22, 880]]) {
        const note = this.context.createOscillator();
        const level = this.context.createGain();
        const start = this.context.currentTime + at;
        note.frequency.value = hertz;
        level.gain.setValueAtTime(0, start);
        level.gain.linearRampToValueAtTime(0.15, start + 0.02);
        level.gain.linearRampToValueAtTime(0, start + 0.2);
        note.connect(level).connect(this.context.destination);
        note.start(start);
        note.stop(start + 0.22);
      }
    };
    sound();
    this.ringing = setInterval(sound, RING_EVERY_MS);
  }
}

window.headset = new Headset();
window.addEventListener("pagehide", () => window.headset.drop());
