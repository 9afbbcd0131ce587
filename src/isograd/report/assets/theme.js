/* The theme: the system's, until the reader chooses; printed in light. */
(() => {
  const root = document.documentElement;
  const button = document.getElementById("theme");
  const system = matchMedia("(prefers-color-scheme: dark)");

  function changed() {
    button.textContent = isograd.say(isograd.theme() === "dark" ? "theme_light" : "theme_dark");
    document.dispatchEvent(new Event("themechange"));
  }

  button.addEventListener("click", () => {
    root.dataset.theme = isograd.theme() === "dark" ? "light" : "dark";
    changed();
  });
  system.addEventListener("change", changed);

  let before = "";
  addEventListener("beforeprint", () => {
    before = root.dataset.theme || "";
    root.dataset.theme = "light";
    changed();
  });
  addEventListener("afterprint", () => {
    if (before) root.dataset.theme = before;
    else delete root.dataset.theme;
    changed();
  });
  changed();
})();
