// The page's side of a call: microphone out, voice in, events over a data channel.
//
// Agent -> page: {event: "said" | "heard" | "turn" | "listening" | "caller"}.
// Page -> agent: {type: "dtmf", digit} and {type: "hangup"}.

import { SENTENCES as LINE, Trouble, offerTo, openMicrophone } from "/static/line.js";

const CONNECT_LIMIT_MS = 12000;
const FAREWELL_MS = 250; // time for "hangup" to leave before the connection closes
const LOST_LIMIT_MS = 5000; // a connection "disconnected" for so long is lost
const MUTED_AFTER_MS = 8000;

const SENTENCES = {
  unconnected: "L'appel n'a pas pu s'établir : réessayez dans un instant.",
  lost: "La communication a été coupée : rappelez quand vous voulez.",
};

const $ = (id) => document.getElementById(id);
const page = document.body;
let call = null;

/** One call, from the press of the button to its end. */
class Call {
  constructor() {
    this.over = false;
    this.connected = false;
    this.told = false; // something came over the data channel, which may open before "connected"
    this.startedAt = 0;
    this.conversation = new Conversation();
  }

  async start() {
    this.microphone = await openMicrophone();
    if (this.over) return this.release();
    this.meter = new Meter(this.microphone);
    this.peer = new RTCPeerConnection();
    for (const track of this.microphone.getTracks()) {
      this.peer.addTrack(track, this.microphone);
      track.onended = () => this.end(LINE.NotReadableError);
    }
    this.events = this.peer.createDataChannel("events");
    this.events.onmessage = (message) => this.receive(JSON.parse(message.data));
    this.events.onclose = () => this.end();
    this.peer.ontrack = ({ track, streams }) => {
      $("voice").srcObject = streams[0] ?? new MediaStream([track]);
    };
    this.peer.onconnectionstatechange = () => this.follow(this.peer.connectionState);
    const url = `/api/phone/${page.dataset.slug}/offer${page.dataset.draft ? "?draft=1" : ""}`;
    const answer = await offerTo(url, this.peer, SENTENCES.unconnected);
    if (this.over) return;
    await this.peer.setRemoteDescription(answer);
    this.connecting = setTimeout(() => this.end(SENTENCES.unconnected), CONNECT_LIMIT_MS);
  }

  follow(state) {
    clearTimeout(this.losing);
    if (state === "connected" && !this.connected) {
      clearTimeout(this.connecting);
      this.connected = true;
      this.startedAt = Date.now();
      this.ticking = setInterval(() => this.tick(), 500);
      if (!this.told) show("talking", "Vous êtes en ligne");
      this.tick();
    } else if (state === "disconnected") {
      this.losing = setTimeout(() => this.end(SENTENCES.lost), LOST_LIMIT_MS);
    } else if (state === "failed") {
      this.end(this.connected ? SENTENCES.lost : SENTENCES.unconnected);
    } else if (state === "closed") {
      this.end();
    }
  }

  receive(message) {
    this.told = true;
    switch (message.event) {
      case "said":
        this.conversation.said(message.text);
        show("talking", "L'assistant parle");
        break;
      case "heard":
        this.conversation.heard(message.text);
        break;
      case "turn":
        this.conversation.turn(message.turn);
        break;
      case "operator":
        this.conversation.quiet();
        show("talking", "Un conseiller vous parle");
        break;
      case "listening":
        this.conversation.quiet();
        show("talking", "Je vous écoute");
        break;
      case "caller":
        this.conversation.quiet();
        show("talking", message.speaking ? "Je vous écoute" : "Un instant…");
        break;
    }
  }

  send(message) {
    if (this.events?.readyState === "open") this.events.send(JSON.stringify(message));
  }

  hangUp() {
    this.send({ type: "hangup" });
    this.end();
  }

  end(trouble = "") {
    if (this.over) return;
    this.over = true;
    clearTimeout(this.connecting);
    clearTimeout(this.losing);
    clearInterval(this.ticking);
    this.conversation.quiet();
    this.release();
    if (call === this) call = null;
    if (this.connected) {
      $("clock").textContent = `durée ${this.elapsed()}`;
      show("ended", "Appel terminé", trouble);
    } else {
      show("ended", trouble ? "L'appel n'a pas abouti" : "Appel terminé", trouble);
    }
  }

  release() {
    this.meter?.close();
    for (const track of this.microphone?.getTracks() ?? []) {
      track.onended = null;
      track.stop();
    }
    $("voice").srcObject = null;
    setTimeout(() => this.peer?.close(), FAREWELL_MS);
  }

  elapsed() {
    const seconds = Math.floor((Date.now() - this.startedAt) / 1000);
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }

  tick() {
    $("clock").hidden = false;
    $("clock").textContent = this.elapsed();
    $("muted").hidden = !this.meter.silentFor(MUTED_AFTER_MS);
  }
}

/** What was said on either side, as it is written on the page. */
class Conversation {
  constructor() {
    this.log = $("transcript");
    this.log.replaceChildren();
    this.caller = null; // the caller's words of the turn in progress
    this.agent = null; // the agent's sentences of the turn in progress
  }

  said(text) {
    this.quiet();
    if (this.agent === null) this.agent = this.block("said", "L'assistant");
    this.agent.append(element("p", "now", typeset(text)));
    this.scroll();
  }

  heard(text) {
    if (!text) return;
    // After an answer, a new turn; before one, the caller had only drawn breath.
    if (this.caller === null || this.agent !== null) {
      this.agent = null;
      this.caller = this.block("heard", "Vous");
      this.caller.append(element("p"));
    }
    this.caller.lastChild.textContent = typeset(text);
    this.scroll();
  }

  turn(turn) {
    const answer = this.agent;
    if (turn.by === "operator") {
      this.block("said", "Le conseiller").append(element("p", "", typeset(turn.said)));
      this.caller = this.agent = null;
      return this.scroll();
    }
    if (turn.heard && this.caller === null) {
      this.heard(turn.heard);
      answer?.before(this.caller);
    } else if (turn.heard) {
      this.caller.lastChild.textContent = typeset(turn.heard);
    }
    const [best] = turn.decision === "answer" || turn.decision === "confirm" ? turn.evidence : [];
    if (best) answer?.append(element("p", "source", `${best.manual}, page ${best.page}`));
    this.caller = null;
    this.agent = null;
    this.scroll();
  }

  quiet() {
    for (const line of this.log.querySelectorAll(".now")) line.classList.remove("now");
  }

  block(className, who) {
    const made = element("div", className);
    made.append(element("span", "who", who));
    this.log.append(made);
    return made;
  }

  scroll() {
    this.log.scrollTop = this.log.scrollHeight;
  }
}

/** The level of a microphone, drawn while it is open. */
class Meter {
  constructor(stream) {
    this.context = new AudioContext();
    this.analyser = this.context.createAnalyser();
    this.context.createMediaStreamSource(stream).connect(this.analyser);
    this.samples = new Float32Array(this.analyser.fftSize);
    this.level = 0;
    this.soundAt = Date.now();
    this.drawing = setInterval(() => this.draw(), 60);
  }

  draw() {
    this.analyser.getFloatTimeDomainData(this.samples);
    const energy = this.samples.reduce((sum, sample) => sum + sample * sample, 0) / this.samples.length;
    const decibels = 10 * Math.log10(energy + 1e-12);
    if (decibels > -90 || this.context.state !== "running") this.soundAt = Date.now();
    // -60 dB is an empty bar, -12 dB a full one; it falls more slowly than it rises.
    const level = Math.min(1, Math.max(0, (decibels + 60) / 48));
    this.level = Math.max(level, this.level * 0.85);
    $("meter").style.setProperty("--level", this.level.toFixed(3));
    $("meter").setAttribute("aria-valuenow", String(Math.round(this.level * 100)));
  }

  silentFor(ms) {
    return Date.now() - this.soundAt > ms;
  }

  close() {
    clearInterval(this.drawing);
    this.context.close();
    $("muted").hidden = true;
  }
}

/** French wants a narrow no-break space before these signs; what is said has lost it. */
function typeset(text) {
  return text.replace(/\s*([?!;»]|:(?=\s|$))/g, "\u202f$1").replace(/«\s*/g, "«\u202f");
}

function element(name, className, text = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.textContent = text;
  return made;
}

function show(state, sentence, trouble = "") {
  const live = state === "calling" || state === "talking";
  page.dataset.state = state;
  if ($("state").textContent !== sentence) $("state").textContent = sentence;
  $("call-label").textContent = live ? "Raccrocher" : "Appeler";
  $("trouble").textContent = trouble;
  $("trouble").hidden = !trouble;
  $("meter-box").hidden = state !== "talking";
  $("keypad-box").hidden = state !== "talking";
  $("welcome").hidden = live || $("transcript").childElementCount > 0;
}

function press(key) {
  if (!call?.connected) return;
  call.send({ type: "dtmf", digit: key });
  $("keyed").textContent += key;
}

$("call").addEventListener("click", async () => {
  if (call !== null) return call.hangUp();
  const started = (call = new Call());
  $("clock").hidden = true;
  $("keyed").textContent = "";
  show("calling", "Appel en cours…");
  try {
    await started.start();
  } catch (error) {
    started.end(error instanceof Trouble ? error.message : SENTENCES.unconnected);
  }
});

$("keypad-toggle").addEventListener("click", () => {
  const open = $("keypad").hidden;
  $("keypad").hidden = !open;
  $("keypad-toggle").setAttribute("aria-expanded", String(open));
});

$("keypad").addEventListener("click", ({ target }) => {
  const key = target.closest("[data-key]")?.dataset.key;
  if (key) press(key);
});

document.addEventListener("keydown", (event) => {
  if (event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
  if (/^[0-9*#]$/.test(event.key)) press(event.key);
});

window.addEventListener("pagehide", () => call?.hangUp());

$("call").disabled = false;
