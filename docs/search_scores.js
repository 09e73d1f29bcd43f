// How the search field ranks what it finds: the scores of Sphinx, and more for answered questions, guides and lessons, so that
// a reader who asks in plain words sees an answer first, and the entries of the reference and the changelog after it.
const FIRST = [["questions/", 10], ["guides/", 8], ["lessons/", 7], ["changelog", -10]];
var Scorer = {
  score: ([docname, , , , score]) =>
    score + (FIRST.find(([start]) => docname.startsWith(start)) ?? ["", 0])[1],
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
