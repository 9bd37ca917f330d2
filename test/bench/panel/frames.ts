import type { Page } from 'playwright-core';

const FRAMES = 240;

export interface Frames {
  /** Milliseconds from frame to frame that 95 % of them stay below. */
  readonly zoom: number;
  readonly scroll: number;
  /** As `scroll`, where each frame is at quite another place. */
  readonly jump: number;
  /** The same of what the page's own script takes of a frame. */
  readonly zoomWork: number;
  readonly scrollWork: number;
}

/** Zooms in and out around moving places, and scrolls the list from end to end, one move in each frame. */
export async function measureFrames(page: Page): Promise<Frames> {
  const zoom = await timed(
    page,
    `(frame) => {
      const place = document.querySelector('.waterfall');
      const { left, top, width } = place.getBoundingClientRect();
      const clientX = left + ((frame * 37) % width);
      const deltaY = frame % 120 < 60 ? -80 : 80;
      place.dispatchEvent(
        new WheelEvent('wheel', { clientX, clientY: top + 30, deltaY, ctrlKey: true, bubbles: true, cancelable: true }),
      );
    }`,
  );
  const scroll = await timed(
    page,
    `(frame) => {
      const rows = document.querySelector('.rows');
      rows.scrollTop = 200_000 + frame * 110;
    }`,
  );
  const jump = await timed(
    page,
    `(() => {
      const rows = document.querySelector('.rows');
      const height = rows.scrollHeight;
      return (frame) => {
        rows.scrollTop = (height / ${String(FRAMES)}) * frame + frame * 13;
      };
    })()`,
  );
  return {
    zoom: zoom.frame,
    scroll: scroll.frame,
    jump: jump.frame,
    zoomWork: zoom.work,
    scrollWork: scroll.work,
  };
}

async function timed(page: Page, move: string): Promise<{ readonly frame: number; readonly work: number }> {
  return page.evaluate<{ frame: number; work: number }>(`new Promise((done) => {
    const move = ${move};
    const times = [];
    const works = [];
    let last;
    let frame = 0;
    const p95 = (values) => values.sort((a, b) => a - b)[Math.floor(values.length * 0.95)];
    const step = (now) => {
      if (last !== undefined) times.push(now - last);
      last = now;
      if (frame++ === ${String(FRAMES)}) {
        done({ frame: p95(times), work: p95(works) });
        return;
      }
      move(frame);
      // The panel draws in a callback of the same frame or of the next one; both end before this message is handled.
      const begun = performance.now();
      const channel = new MessageChannel();
      channel.port1.onmessage = () => works.push(performance.now() - begun);
      channel.port2.postMessage(undefined);
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  })`);
}
