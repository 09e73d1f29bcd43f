// Sphinx makes a download of every file that a page links to. Pages that step through a pass are opened instead.
addEventListener("DOMContentLoaded", () => {
  for (const link of document.querySelectorAll('a.download[href$=".html"]')) link.removeAttribute("download");
});
