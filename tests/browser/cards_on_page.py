"""A predict card on a page, as a reader meets it."""

from explorers import TWO_FRAMES


class CardOnPage:
    """`box` is a locator of its `.pc`."""

    def __init__(self, box):
        self.box, self.page = box, box.page
        self.figure = box.locator("xpath=ancestor::*[contains(concat(' ', @class, ' '), ' predict ')][1]").locator(".explorer, .widget-html, .hypotenuse").first

    @property
    def told(self):
        return self.box.locator(".pc-told").text_content()  # Lab hides what is scrolled away

    @property
    def hidden(self):
        return not self.figure.is_visible()

    def choices(self):
        return [text.strip() for text in self.box.locator(".pc-choice").all_inner_texts()]

    def answer(self, said):
        """With mouse and keys: a choice by its place from 0, or text for a number."""
        if isinstance(said, int):
            self.box.locator("input[type=radio]").nth(said).check()
        else:
            self.box.locator(".pc-number").fill(said)
        self.button("Lock in my answer").click()
        self.settle()

    def settle(self):
        """What the page itself answers is there: no kernel is asked."""
        self.page.evaluate(TWO_FRAMES)

    def button(self, name):
        return self.box.get_by_role("button", name=name)

    def look(self):
        button = self.button("Show it without an answer")
        if button.count() and button.is_visible():
            button.click()
            self.settle()

    def again(self):
        self.button("Ask me again").click()
        self.settle()
