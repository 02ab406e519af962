"""The plot of the accuracy report, as an SVG that reads on light and on dark pages."""

WIDTH, PANEL_WIDTH, PANEL_HEIGHT = 800, 350, 110
LEFT, TOP, GAP = 40, 64, 54
REACH, BIN = 6.0, 0.25  # ml
BINS = int(2 * REACH / BIN)

STYLE = """
  text { font: 12px system-ui, sans-serif; fill: #1f2328; }
  .title { font-size: 15px; font-weight: 600; }
  .quiet { fill: #59636e; }
  .axis { stroke: #59636e; stroke-width: 1; }
  .ours { fill: #0f766e; fill-opacity: 0.85; }
  .plain { fill: #b45309; fill-opacity: 0.45; }
  .page { fill: #ffffff; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .quiet { fill: #9198a1; }
    .axis { stroke: #9198a1; }
    .ours { fill: #2dd4bf; }
    .plain { fill: #f59e0b; }
    .page { fill: #0d1117; }
  }
"""


def histogram(errors):
    """Shares per bin; what lies beyond the plot is in its outermost bins."""
    counts = [0] * BINS
    for error in errors:
        counts[min(max(int((error + REACH) / BIN), 0), BINS - 1)] += 1
    return [count / len(errors) for count in counts]


def bars(shares, top, left, highest, style):
    width = PANEL_WIDTH / BINS
    drawn = []
    for number, share in enumerate(shares):
        height = PANEL_HEIGHT * share / highest
        if height >= 0.3:
            drawn.append(f'<rect class="{style}" x="{left + number * width:.1f}" '
                         f'y="{top + PANEL_HEIGHT - height:.1f}" width="{width:.1f}" '
                         f'height="{height:.1f}"/>')
    return drawn


def panel(title, ours, plain, left, top):
    ours, plain = histogram(ours), histogram(plain)
    highest = max(ours + plain)
    drawn = [f'<text x="{left}" y="{top - 8}">{title}</text>']
    drawn += bars(plain, top, left, highest, "plain")
    drawn += bars(ours, top, left, highest, "ours")
    bottom = top + PANEL_HEIGHT
    drawn.append(f'<path class="axis" d="M{left} {bottom}h{PANEL_WIDTH}"/>')
    for millilitres in range(-int(REACH), int(REACH) + 1, 2):
        x = left + PANEL_WIDTH * (millilitres + REACH) / (2 * REACH)
        drawn.append(f'<path class="axis" d="M{x:.1f} {bottom}v4"/>')
        drawn.append(f'<text class="quiet" text-anchor="middle" x="{x:.1f}" y="{bottom + 17}">'
                     f'{millilitres:+d}</text>' if millilitres else
                     f'<text class="quiet" text-anchor="middle" x="{x:.1f}" y="{bottom + 17}">'
                     f'0 ml</text>')
    return drawn


def draw(groups, names, file):
    """`groups`: (measure, pump) to the errors of our pours and of the plain ones, in ml. `names`:
    (measure, pump) to what is above its panel, a row for each pump."""
    pumps = list(dict.fromkeys(pump for _, pump in names))
    height = TOP + len(pumps) * (PANEL_HEIGHT + GAP)
    drawn = [f'<text class="title" x="{LEFT}" y="22">What flowed, less what was asked</text>',
             f'<rect class="ours" x="{LEFT + 300}" y="12" width="12" height="12"/>',
             f'<text x="{LEFT + 318}" y="22">Pourtocol</text>',
             f'<rect class="plain" x="{LEFT + 410}" y="12" width="12" height="12"/>',
             f'<text x="{LEFT + 428}" y="22">plain ml / flow, on the same machines</text>']
    for (measure, pump), (ours, plain) in groups.items():
        left = LEFT if measure == "timed" else LEFT + PANEL_WIDTH + 40
        top = TOP + pumps.index(pump) * (PANEL_HEIGHT + GAP)
        drawn += panel(f"{measure}; {names[measure, pump]}", ours, plain, left, top)
    body = "\n".join(drawn)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
                    f'role="img" aria-label="Errors of pours in millilitres, as histograms">\n'
                    f'<style>{STYLE}</style>\n<rect class="page" width="{WIDTH}" '
                    f'height="{height}"/>\n{body}\n</svg>\n')
