// The operator's headset: joins their microphone and loudspeaker to a call, and rings.
//
// Page -> here: headset.ready(), join(handoff), leave(), mute(on), ring(on).
// Here -> page: emitEvent("headset", {state, trouble}); state: ready | joined | left | muted.

const GATHERING_LIMIT_MS = 2000; // longest wait for the browser's own addresses
const ANSWER_LIMIT_MS = 10000;
const LOST_LIMIT_MS = 4000; // a connection "disconnected" for so long is lost
const RING_EVERY_MS = 2000;

const SENTENCES = {
  NotAllowedError:
    "Autorisez le micro pour prendre des appels : cliquez sur l'icône à gauche de l'adresse de la page, choisissez « Autoriser », puis réessayez.",
  NotFoundError: "Aucun micro n'est branché : branchez votre casque, puis réessayez.",
  NotReadableError: "Le micro ne répond pas : fermez les autres programmes qui s'en servent, puis réessayez.",
  insecure:
    "Le navigateur ne donne pas le micro à cette adresse : ouvrez la console en https, ou sur l'ordinateur même du serveur.",
  unreachable: "Le serveur ne répond pas : vérifiez votre connexion, puis réessayez.",
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
      this.tell("unready", sentenceOf(error));
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
      await peer.setLocalDescription();
      await gathered(peer);
      const answer = await post(handoff, peer.localDescription);
      await peer.setRemoteDescription({ sdp: answer.sdp, type: answer.type });
    } catch (error) {
      if (this.handoff !== handoff) return;
      this.drop();
      this.tell("left", sentenceOf(error));
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

function sentenceOf(error) {
  return error.sentence ?? SENTENCES[error.name] ?? SENTENCES.unconnected;
}

function told(sentence) {
  return Object.assign(new Error(sentence), { sentence });
}

async function openMicrophone() {
  if (!navigator.mediaDevices) throw told(SENTENCES.insecure);
  const audio = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
  return navigator.mediaDevices.getUserMedia({ audio });
}

function gathered(peer) {
  return new Promise((resolve) => {
    const done = () => peer.iceGatheringState === "complete" && resolve();
    peer.addEventListener("icegatheringstatechange", done);
    setTimeout(resolve, GATHERING_LIMIT_MS);
    done();
  });
}

async function post(handoff, description) {
  let response;
  let answer;
  try {
    response = await fetch(`/api/casque/${handoff}/offer`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ sdp: description.sdp, type: description.type }),
      signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
    });
    answer = await response.json();
  } catch {
    throw told(SENTENCES.unreachable);
  }
  if (!response.ok) throw told(answer.message ?? SENTENCES.unconnected);
  return answer;
}

window.headset = new Headset();
window.addEventListener("pagehide", () => window.headset.drop());
