import sys

# What the kernel itself imports must not come from the folder that it works in, which is the first on the path.
sys.path[:] = [entry for entry in sys.path if entry]

import ast
import base64
import builtins
import fcntl
import json
import linecache
import os
import signal
import struct
import traceback
import types
import warnings

MAX_ROWS = 100
MAX_COLUMNS = 30
MAX_CELL = 200
MAX_TEXT = 64 * 1024

# Frames leave by a descriptor that no print, no library and no child process writes to.
channel = fcntl.fcntl(3, fcntl.F_DUPFD_CLOEXEC, 64)
os.close(3)
os.dup2(1, 2)  # One stream for all output, so that its order is kept.

try:
    # When memory runs out, this process is the one to go, and not the server.
    with open("/proc/self/oom_score_adj", "w") as score:
        score.write("1000")
except OSError:
    pass  # Not Linux, or not allowed.


def read_exactly(size):
    data = b""
    while len(data) < size:
        piece = os.read(channel, size - len(data))
        if not piece:
            os._exit(0)  # The server is gone.
        data += piece
    return data


def receive():
    (size,) = struct.unpack(">I", read_exactly(4))
    return json.loads(read_exactly(size))


def send(frame):
    data = json.dumps(frame).encode("utf-8", "replace")
    data = struct.pack(">I", len(data)) + data
    while data:
        data = data[os.write(channel, data) :]


def cut(text, limit=MAX_TEXT):
    if len(text) <= limit:
        return text
    return text[:limit] + f"\n[… {len(text) - limit} characters left out …]"


def send_text(text):
    send({"type": "text", "text": cut(text)})


def send_png(data):
    send({"type": "image", "mimeType": "image/png", "data": base64.b64encode(data).decode("ascii")})


def special(value, name):
    """What a display method of a value gives; nothing for classes and for values that have none."""
    if isinstance(value, type):
        return None
    method = getattr(value, name, None)
    if not callable(method):
        return None
    try:
        return method()
    except Exception:
        return None  # Its repr is shown.


def display(*values):
    for value in values:
        show(value)


def show(value):
    png = special(value, "_repr_png_")
    if isinstance(png, tuple):
        png = png[0]
    if isinstance(png, str):
        png = base64.b64decode(png)
    if isinstance(png, (bytes, bytearray)):
        send_png(bytes(png))
        return
    if type(value).__module__.startswith("matplotlib.") and hasattr(value, "savefig"):
        show_figure(value)
        return
    table = table_of(value)
    if table is None:
        table = special(value, "_repr_markdown_")
    send_text(table if isinstance(table, str) else repr(value))


def table_of(value):
    """A Markdown table for a data frame of pandas or polars, or a list of dicts; None for anything else."""
    kind = type(value).__module__.partition(".")[0] + "." + type(value).__name__
    if kind == "pandas.DataFrame":
        columns = [""] + [str(column) for column in value.columns]
        head = value.head(MAX_ROWS)
        rows = [[index, *row] for index, row in zip(head.index, head.itertuples(index=False, name=None))]
        return markdown(columns, rows, len(value))
    if kind == "polars.DataFrame":
        return markdown(list(value.columns), value.head(MAX_ROWS).rows(), value.height)
    if isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
        columns = list(dict.fromkeys(key for row in value[:MAX_ROWS] for key in row))
        if columns and all(isinstance(column, str) for column in columns):
            rows = [[row.get(column, "") for column in columns] for row in value[:MAX_ROWS]]
            return markdown(columns, rows, len(value))
    return None


def markdown(columns, rows, total):
    shown = columns[:MAX_COLUMNS]
    lines = [line_of(shown), line_of(["---"] * len(shown))]
    lines += [line_of(row[: len(shown)]) for row in rows]
    if total > len(rows):
        lines.append(f"\n[{total} rows; the first {len(rows)} are shown.]")
    if len(columns) > len(shown):
        lines.append(f"\n[{len(columns)} columns; the first {len(shown)} are shown.]")
    return "\n".join(lines)


def line_of(cells):
    texts = (" ".join(str(cell).split())[:MAX_CELL].replace("|", "\\|") for cell in cells)
    return "| " + " | ".join(texts) + " |"


def show_figure(figure):
    import io

    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", bbox_inches="tight")
    send_png(buffer.getvalue())


def show_figures(*_args, **_kwargs):
    """Stands for `plt.show`: shows the open figures and closes them, as a notebook does."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is None or not hasattr(pyplot, "get_fignums"):
        return
    for number in pyplot.get_fignums():
        show_figure(pyplot.figure(number))
    pyplot.close("all")
    pyplot.show = show_figures


def run(source, namespace, name):
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    linecache.cache[name] = (len(source), None, source.splitlines(True), name)
    tree = compile(source, name, "exec", flags | ast.PyCF_ONLY_AST)
    last = None
    if tree.body and isinstance(tree.body[-1], ast.Expr) and not source.rstrip().endswith(";"):
        last = ast.Expression(tree.body.pop().value)
    execute(compile(tree, name, "exec", flags), namespace)
    if last is None:
        return None
    return execute(compile(last, name, "eval", flags), namespace)


def execute(code, namespace):
    result = eval(code, namespace)
    if not code.co_flags & 0x80:  # CO_COROUTINE: it awaits at the top level.
        return result
    global loop
    if loop is None:
        import asyncio

        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
    return loop.run_until_complete(result)


loop = None


def explain(error):
    """The traceback, from the first line of the caller's own code on."""
    first = error.__traceback__
    while first is not None and not first.tb_frame.f_code.co_filename.startswith("<cell"):
        first = first.tb_next
    return "".join(traceback.format_exception(type(error), error, first)).rstrip()


def flush(marker):
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:
            pass  # Closed or replaced by the caller's code.
    try:
        os.write(1, marker)
    except OSError:
        pass  # Closed: the server does not wait for it long.


def main():
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    warnings.filterwarnings("ignore", message=".*non-interactive.*")
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    namespace = module.__dict__
    namespace["__builtins__"] = builtins
    namespace["display"] = display
    sys.path.insert(0, os.getcwd())
    send({"type": "ready"})
    count = 0
    while True:
        cell = receive()
        count += 1
        error = None
        try:
            try:
                signal.signal(signal.SIGINT, signal.default_int_handler)
                value = run(cell["code"], namespace, f"<cell {count}>")
                if value is not None:
                    namespace["_"] = value
                    show(value)
                show_figures()
            finally:
                signal.signal(signal.SIGINT, signal.SIG_IGN)
        except BaseException as raised:
            error = cut(explain(raised))
        flush(cell["marker"].encode("ascii"))
        send({"type": "done", **({} if error is None else {"error": error})})


main()
