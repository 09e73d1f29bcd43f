// A live page says how high it is, and its frame makes room, so that nobody has to scroll in two places.
addEventListener("message", ({ data, source }) => {
  const height = Number(data?.liveHeight);
  for (const frame of document.querySelectorAll("iframe[srcdoc]"))
    if (frame.contentWindow === source && height > 0) frame.style.height = `${Math.min(height + 4, 5000)}px`;
});
