// The page around a frame may say whether it is dark: { dark: true }. It is all that is listened to.
if (parent !== window)
  addEventListener("message", ({ source, data: said }) => {
    if (source !== parent || typeof said?.dark !== "boolean") return;
    document.documentElement.dataset.theme = said.dark ? "dark" : "light";
    dispatchEvent(new Event("resize"));  // what is drawn by script is drawn anew
  });
