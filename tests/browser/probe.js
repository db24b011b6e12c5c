// Put into every page before anything else: remembers the words that a canvas shows, where they stand, and what they stand on.
(() => {
  const paint = CanvasRenderingContext2D.prototype, { fillText, clearRect, drawImage } = paint;
  paint.clearRect = function (...box) {
    this.canvas.__words = [];
    return clearRect.apply(this, box);
  };
  paint.drawImage = function (image, ...box) { // a canvas laid under this one brings its words along
    if (image.__words) (this.canvas.__words ??= []).push(...image.__words);
    return drawImage.call(this, image, ...box);
  };
  paint.fillText = function (text, x, y, ...rest) {
    const m = this.measureText(text), t = this.getTransform();
    const corners = [[-m.actualBoundingBoxLeft, -m.actualBoundingBoxAscent], [m.actualBoundingBoxRight, m.actualBoundingBoxDescent]]
      .map(([dx, dy]) => t.transformPoint({ x: x + dx, y: y + dy }));
    const xs = corners.map((p) => p.x), ys = corners.map((p) => p.y);
    const word = { text, left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys), ink: this.fillStyle,
                   size: parseFloat(this.font.match(/([\d.]+)px/)[1]), ratio: Math.hypot(t.a, t.b) };
    if ((globalThis.__lookBehindWords || !this.canvas.isConnected) && text.trim()) { // what is laid under another canvas is painted seldom
      const pixels = this.getImageData(word.left, word.top, Math.max(1, word.right - word.left), Math.max(1, word.bottom - word.top)).data;
      const sum = [0, 0, 0, 0];
      for (let i = 0; i < pixels.length; i += 4) for (let k = 0; k < 4; k++) sum[k] += k < 3 ? pixels[i + k] * pixels[i + 3] / 255 : pixels[i + 3] / 255;
      word.behind = sum.map((s) => s / (pixels.length / 4)); // colour times cover, and cover
    }
    (this.canvas.__words ??= []).push(word);
    return fillText.call(this, text, x, y, ...rest);
  };
})();
