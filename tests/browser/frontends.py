"""A notebook in a page: open it, run it, ask its kernel, end its kernel. One class for JupyterLab, one for the classic notebook."""

import ast
from pathlib import Path

from cards_on_page import CardOnPage
from explorers import OnPage
from watch import Watch


NO_KERNEL = {
    "Could not send widget sync message": "ipywidgets, once the front end has noticed",
    r"WebSocket connection to \S+ failed": "the front end, which tries to reach the kernel again",
    r"Failed to load resource.*/api/(kernels|sessions)": "the front end, which asks for the kernel",
}


class Opened:
    """What both front ends share. `.watch` sees what the page must not do."""

    known = {}

    def __init__(self, context, server, notebook):
        self.server, self.notebook = server, notebook
        self.page = context.new_page()
        self.watch = Watch(self.page, server.address, self.known)
        self.page.goto(server.url(self.place.format(Path(notebook).stem) + notebook), wait_until="domcontentloaded")
        self.page.wait_for_function(self.ready, timeout=90000)

    def card(self, nth=0):
        """A predict card; `.figure` of it is what it hides."""
        return CardOnPage(self.page.locator(".pc").nth(nth))

    def look_behind_the_cards(self, many):
        """Show what every card hides; there are `many`."""
        self.page.wait_for_function("n => document.querySelectorAll('.pc').length >= n", arg=many, timeout=30000)
        for nth in range(many):
            self.card(nth).look()
        return self

    def figure(self, nth=0):
        return OnPage(self.page.locator(".explorer").nth(nth)).show()

    def key_figure(self):
        """The first one, which may stand behind a card."""
        self.page.locator(".explorer").first.wait_for(state="attached")
        for card in self.page.locator(".pc").all():
            CardOnPage(card).look()
        return self.figure()

    def figures(self):
        return [self.figure(i) for i in range(self.page.locator(".explorer").count())]

    def ask(self, expression, code=""):
        """Run `code` in the kernel, and give the value of `expression`: a number, text, list or dict."""
        answer = self.page.evaluate(self.execute, [code, expression])
        assert answer["status"] == "ok", answer
        said = answer["user_expressions"]["answer"]
        assert said["status"] == "ok", said
        return ast.literal_eval(said["data"]["text/plain"])

    def end_kernel(self):
        """End the kernel's process: from now on nobody answers, which others write to the console now and then."""
        self.watch.known.update(NO_KERNEL)
        self.server.api(f"kernels/{self.server.kernel_of(self.notebook)}", "DELETE")


class Lab(Opened):
    place = "lab/workspaces/{}/tree/"  # a workspace each: Lab opens again what was open in one
    ready = "window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel && document.querySelector('.jp-Notebook .jp-Cell') && true"
    execute = """async ([code, ask]) => {
      const kernel = jupyterapp.shell.currentWidget.sessionContext.session.kernel;
      const { content } = await kernel.requestExecute({ code, silent: false, store_history: false, user_expressions: { answer: ask } }).done;
      return content;
    }"""

    def command(self, name, **arguments):
        return self.page.evaluate("([name, arguments_]) => jupyterapp.commands.execute(name, arguments_).then(() => true)", [name, arguments])

    def all_cells_on_the_page(self):
        """JupyterLab takes cells that are scrolled away out of the page; from now on it does not, and all of them are there."""
        self.page.evaluate("""() => {
            const book = jupyterapp.shell.currentWidget.content;
            book.notebookConfig = { ...book.notebookConfig, windowingMode: 'none' };
        }""")
        self.page.wait_for_function("""() => jupyterapp.shell.currentWidget.content.widgets.every(({ node, model }) =>
            node.isConnected && (model.type !== "markdown" || node.querySelector(".jp-RenderedMarkdown")?.childElementCount))""")
        return self

    def as_tall_as_the_notebook(self):
        """A window in which nothing has to be scrolled to, once what is drawn has found its height."""
        before = 0
        for _ in range(10):
            height = self.page.evaluate("document.querySelector('.jp-WindowedPanel-viewport').scrollHeight")
            if height == before:
                return
            before = height
            self.page.set_viewport_size({"width": 1280, "height": height + 400})
            self.page.wait_for_timeout(800)

    def run_all(self):
        self.command("notebook:run-all-cells")
        return self.no_errors()

    def turn_to(self, notebook):
        """Leave this notebook, unsaved and without its kernel, and open another one on the same page."""
        self.page.evaluate("() => jupyterapp.shell.currentWidget.dispose()")
        self.server.end_kernels()
        self.notebook = notebook
        self.command("docmanager:open", path=notebook)
        self.page.wait_for_function(self.ready, timeout=90000)
        return self

    def run_first(self, many):
        """Run the notebook as far as its code cell number `many`, from 1."""
        at = """many => {
          const book = jupyterapp.shell.currentWidget.content, code = book.widgets.flatMap((cell, i) => cell.model.type === "code" ? [i] : []);
          book.activeCellIndex = code[many - 1] + 1;
        }"""
        self.page.evaluate(at, many)
        self.command("notebook:run-all-above")
        return self.no_errors()

    def run_all_but_the_last(self):
        self.page.evaluate("() => { const book = jupyterapp.shell.currentWidget.content; book.activeCellIndex = book.widgets.length - 1; }")
        self.command("notebook:run-all-above")
        return self.no_errors()

    def no_errors(self):
        errors = self.page.evaluate("""() => jupyterapp.shell.currentWidget.content.widgets.flatMap(cell =>
          (cell.model.sharedModel.outputs ?? []).filter(o => o.output_type === "error").map(o => `${o.ename}: ${o.evalue}`))""")
        assert not errors, errors
        return self

    def start_cell(self, index):
        """Run one cell, and do not wait for it."""
        self.page.evaluate("""i => { const panel = jupyterapp.shell.currentWidget; panel.content.activeCellIndex = i; void jupyterapp.commands.execute("notebook:run-cell"); }""", index)

    def run_cell(self, index):
        self.page.evaluate("""i => { const panel = jupyterapp.shell.currentWidget; panel.content.activeCellIndex = i; return jupyterapp.commands.execute("notebook:run-cell").then(() => true); }""", index)

    # the kernel's own state will not do: it answers the sliders between the lines of a running cell, and says "idle" after each
    running = "i => jupyterapp.shell.currentWidget.content.widgets[i].promptNode.textContent.includes('*')"

    def interrupt(self):
        self.page.evaluate("() => jupyterapp.shell.currentWidget.sessionContext.session.kernel.interrupt()")

    def hide_file_browser(self):
        """On a narrow screen it would take most of the room."""
        self.page.evaluate("() => document.querySelector('#jp-left-stack')?.offsetParent && jupyterapp.commands.execute('application:toggle-left-area').then(() => true)")

    def save(self):
        self.command("docmanager:save")

    def reload(self):
        self.page.reload(wait_until="domcontentloaded")
        self.page.wait_for_function(self.ready, timeout=90000)


class Classic(Opened):
    known = {
        r"(font at 'about:blank'|ERR_FAILED \(about:blank\))": "MathJax of the classic notebook looks for a web font at about:blank before it takes its own",
    }
    place = "notebooks/"
    ready = "window.Jupyter?.notebook?.kernel?.is_connected() && Jupyter.notebook._fully_loaded && document.querySelector('.cell') && true"
    execute = """([code, ask]) => new Promise(done => Jupyter.notebook.kernel.execute(code,
      { shell: { reply: message => done(message.content) } }, { silent: false, store_history: false, user_expressions: { answer: ask } }))"""

    # its widget manager asks the kernel for old widgets first, and says nothing when it is done: what is asked after it is answered after it
    asked = """async () => {
      for (let i = 0; i < 3; i++) await new Promise((answered) => Jupyter.notebook.kernel.comm_info("jupyter.widget", answered));
    }"""

    def run_all(self):
        self.page.wait_for_function("Jupyter.notebook.kernel.widget_manager")
        self.page.evaluate(self.asked)
        self.page.evaluate("Jupyter.notebook.execute_all_cells()")
        self.page.wait_for_timeout(200)
        self.page.wait_for_function("!document.querySelector('.cell.running') && !Jupyter.notebook.kernel_busy", timeout=600000)
        errors = self.page.evaluate("""() => Jupyter.notebook.get_cells().flatMap(cell =>
          (cell.output_area?.outputs ?? []).filter(o => o.output_type === "error").map(o => `${o.ename}: ${o.evalue}`))""")
        assert not errors, errors
        return self
