// What every page of the console does by itself: keeps the focus, and a talk that goes on; and it
// lets whoever does not want single letters to do something switch them off, in this browser.

// Parts of a page are made again when something is new: what had the focus has it again.
const FORGET_MS = 500; // what has not come again by then does not come to be focused

let kept = null;

function forget(name) {
  if (document.activeElement === document.body && kept === name) kept = null;
}

document.addEventListener("focusin", ({ target }) => {
  kept = target.closest("[data-keep]")?.dataset.keep ?? null;
});
new MutationObserver(() => {
  if (kept === null || document.activeElement !== document.body) return;
  const again = document.querySelector(`[data-keep="${CSS.escape(kept)}"]`);
  if (again) again.focus({ preventScroll: true });
  else setTimeout(forget, FORGET_MS, kept);
}).observe(document.body, { childList: true, subtree: true });
document.addEventListener("pointerdown", ({ target }) => {
  if (!target.closest("[data-keep]")) kept = null;
});

// An operator who is on a call must not lose it by going to another page: that one opens beside.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href^='/console']");
  if (!link || !window.headset?.handoff) return;
  event.preventDefault();
  window.open(link.href, new URL(link.href).pathname);
});

// Letters that do something: who dictates, or whose hand trembles, does without them.
const KEYS = "permanence.touches";
const keysOn = () => localStorage.getItem(KEYS) !== "non";

function showKeys() {
  const on = keysOn(), toggle = document.getElementById("keys-switch");
  document.body.classList.toggle("keyless", !on);
  if (!toggle || toggle.getAttribute("aria-checked") === String(on)) return;
  toggle.setAttribute("aria-checked", on);
  toggle.textContent = `Touches : ${on ? "oui" : "non"}`;
}

window.addEventListener("keydown", (event) => {
  const { key, ctrlKey, altKey, metaKey, target } = event;
  if (keysOn() || key.length > 1 || key === " " || ctrlKey || altKey || metaKey) return;
  if (!target.closest?.("input, textarea, select")) event.stopImmediatePropagation();
}, true);
document.addEventListener("click", ({ target }) => {
  if (!target.closest?.("#keys-switch")) return;
  localStorage.setItem(KEYS, keysOn() ? "non" : "oui");
  showKeys();
});
window.addEventListener("storage", showKeys); // on another page of this browser
new MutationObserver(showKeys).observe(document.body, { childList: true, subtree: true });
