// The portal on a narrow screen: its pages are under a button.
document.addEventListener("click", ({ target }) => {
  const menu = target.closest?.("button.menu");
  if (menu) menu.setAttribute("aria-expanded", menu.getAttribute("aria-expanded") !== "true");
});
