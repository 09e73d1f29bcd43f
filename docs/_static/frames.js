// A live page says how high it is, and its frame makes room, so that nobody has to scroll in two places. It can't see how dark
// the page around it is: it is told, now and whenever that changes.
const framed = () => [...document.querySelectorAll("iframe[srcdoc]")];
const darkMachine = matchMedia("(prefers-color-scheme: dark)");
function tell(frame) {
  const theme = document.body.dataset.theme;
  frame.contentWindow.postMessage({ dark: theme === "dark" || (theme !== "light" && darkMachine.matches) }, "*");
}
addEventListener("message", ({ data, source }) => {
  const height = Number(data?.liveHeight);
  for (const frame of framed().filter(one => one.contentWindow === source && height > 0)) {
    frame.style.height = `${Math.min(height + 4, 5000)}px`;
    tell(frame);
  }
});
darkMachine.addEventListener("change", () => framed().forEach(tell));
addEventListener("DOMContentLoaded", () => {
  new MutationObserver(() => framed().forEach(tell)).observe(document.body, { attributeFilter: ["data-theme"] });
});
