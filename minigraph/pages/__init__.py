"""Pages that answer back: one HTML file each, without network."""

from minigraph.pages.live_page import LivePage, live
from minigraph.pages.quiz_page import QuizPage, quiz
from minigraph.pages.step_page import step_through

__all__ = ["LivePage", "QuizPage", "live", "quiz", "step_through"]
