"""Rules that loop for ever and swallow what is raised to stop them."""


def swallows(g, *, eta=0.1):
    try:
        while True:
            eta = eta + 1
    except:  # noqa: E722
        return -eta * g


def swallows_twice(g, *, eta=0.1):
    for _ in range(2):
        try:
            while True:
                eta = eta + 1
        except:  # noqa: E722
            pass
    return -eta * g
