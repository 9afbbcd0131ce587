/* The text for an issue goes to the clipboard; where that is refused, it is laid out and selected. Details open to print. */
(() => {
  const text = document.getElementById("issue-text");
  const status = document.getElementById("copy-status");

  function byHand() {
    document.getElementById("issue").open = true;
    getSelection().selectAllChildren(text);
    text.focus();
    status.textContent = isograd.say("copy_by_hand");
  }

  document.getElementById("copy").addEventListener("click", () => {
    if (!navigator.clipboard) return byHand();
    navigator.clipboard.writeText(text.textContent).then(() => { status.textContent = isograd.say("copied"); }, byHand);
  });

  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details.rule:not([open])")];
    folded.forEach((details) => { details.open = true; });
  });
  addEventListener("afterprint", () => folded.forEach((details) => { details.open = false; }));
})();
