// How the search field ranks what it finds: the scores of Sphinx, and more for answered questions and for lessons, so that
// who asks in plain words sees an answer before a change of some version.
var Scorer = {
  score: ([docname, , , , score]) =>
    score + (docname.startsWith("questions/") ? 10 : docname.startsWith("lessons/") ? 4 : docname === "changelog" ? -10 : 0),
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
