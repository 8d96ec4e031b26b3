// The recording of a past call, in step with its transcript.
//
// Turns are `[data-at]`, buttons that lead to them `[data-seek]`, both seconds of the recording.

const STEP_S = 5;
const EARLY_S = 0.05; // a turn is shown as being said so little before it is

const sound = () => document.getElementById("recording");
const turns = () => [...document.querySelectorAll("[data-at]")];

function follow() {
  const audio = sound();
  const now = audio.currentTime + EARLY_S;
  const current = audio.currentTime > 0 || !audio.paused
    ? turns().findLast((turn) => Number(turn.dataset.at) <= now)
    : undefined;
  for (const turn of turns()) {
    const is = turn === current;
    if (turn.classList.contains("playing") === is) continue;
    turn.classList.toggle("playing", is);
    if (is) turn.setAttribute("aria-current", "true");
    else turn.removeAttribute("aria-current");
    if (is && !audio.paused) turn.scrollIntoView({ block: "nearest" });
  }
}

function seek(seconds) {
  const audio = sound();
  audio.currentTime = Math.max(0, seconds);
  follow();
}

// Media events do not bubble; the page's parts are made after this file is read.
for (const name of ["timeupdate", "seeked", "play", "pause"])
  document.addEventListener(name, ({ target }) => target.id === "recording" && follow(), true);

document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("[data-seek]");
  // A click on the words leads there too, unless they are being marked, or hold a button.
  const turn = target.closest?.("a, button, summary, select, .verdict") ? null : target.closest?.("[data-at]");
  if (!sound() || (!button && (!turn || !getSelection().isCollapsed))) return;
  seek(Number(button ? button.dataset.seek : turn.dataset.at));
  sound().play();
});

document.addEventListener("change", ({ target }) => {
  if (target.id === "speed" && sound()) sound().playbackRate = Number(target.value);
});

document.addEventListener("keydown", (event) => {
  const audio = sound();
  if (!audio || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.target.closest?.("input, textarea, select, button, a, summary, audio")) return;
  if (event.key === " ") audio.paused ? audio.play() : audio.pause();
  else if (event.key === "ArrowLeft") seek(audio.currentTime - STEP_S);
  else if (event.key === "ArrowRight") seek(audio.currentTime + STEP_S);
  else return;
  event.preventDefault();
});
