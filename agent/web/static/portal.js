// The portal on a narrow screen: its pages are under a button.
document.addEventListener("click", ({ target }) => {
  const menu = target.closest?.("button.menu");
  if (menu) menu.setAttribute("aria-expanded", menu.getAttribute("aria-expanded") !== "true");
  if (target.closest?.("[data-print]")) print();
});

// A sentence that is listened to: fetched whole, so that a refusal can be read; then played.
window.portalListen = async (place, address, failed) => {
  const box = document.getElementById(place);
  const audio = box.querySelector("audio");
  const trouble = box.querySelector(".trouble");
  trouble.textContent = "";
  box.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(address);
    if (!answer.ok) {
      trouble.textContent = answer.status < 500 ? await answer.text() : failed;
      return;
    }
    URL.revokeObjectURL(audio.src);
    audio.src = URL.createObjectURL(await answer.blob());
    audio.hidden = false;
    await audio.play().catch(() => {}); // not allowed to begin by itself: its button is there
  } catch {
    trouble.textContent = failed;
  } finally {
    box.removeAttribute("aria-busy");
  }
};

// What is there to be copied.
document.addEventListener("click", async ({ target }) => {
  const copy = target.closest?.("button[data-copy]");
  if (!copy) return;
  const text = new URL(copy.dataset.copy, location.href).href;
  try {
    await navigator.clipboard.writeText(text);
    copy.textContent = copy.dataset.copied;
  } catch {
    window.prompt(copy.textContent, text);
  }
});
