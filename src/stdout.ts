/**
 * Standard output as a place for log lines: writing to it neither blocks nor throws, whatever it is connected to. What it
 * does not take at once waits, up to a limit; beyond that lines are dropped and counted, and standard error hears of it
 * once. A log line may be lost; the service may not.
 *
 * Files are written at once, so that a crash loses nothing. For pipes and sockets Node waits for the reader by itself. A
 * terminal is opened anew without blocking: one that was stopped with Ctrl+S would hold the program.
 */
import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs';
import { isatty } from 'node:tty';

export interface LineSink {
  write(line: string): void;
  /** Lines lost since the start. */
  readonly dropped: number;
  /** Gives what waits a last chance, for at most `ms`. */
  drain(ms: number): Promise<void>;
}

type Sink = Pick<LineSink, 'write' | 'drain'>;
type Drop = (lines: number, why: string) => void;

/** Of what waits, in bytes: some thousand lines. */
const MOST_WAITING = 1024 * 1024;
const RETRY_MS = 100;
const STDOUT = 1;
const STDERR = 2;
const TOO_SLOW = 'its reader is too slow';

export function openSink(): LineSink {
  let dropped = 0;
  let told = false;
  const drop: Drop = (lines, why) => {
    dropped += lines;
    if (told) return;
    told = true;
    complain(`the log cannot be written (${why}); lines are being lost, the service goes on\n`);
  };
  const kind = fstatSync(STDOUT);
  const sink = kind.isFIFO() || kind.isSocket() ? streamSink(drop) : fileSink(drop);
  return {
    ...sink,
    get dropped() {
      return dropped;
    },
  };
}

function streamSink(drop: Drop): Sink {
  const { stdout } = process;
  // Its reader may go away; without a listener that would end the program. Every write hears of it on its own.
  stdout.on('error', () => {});
  const written = (error: NodeJS.ErrnoException | null | undefined): void => {
    if (error) drop(1, error.code ?? error.message);
  };
  return {
    write: (line) => {
      if (stdout.writableLength > MOST_WAITING) drop(1, TOO_SLOW);
      else stdout.write(line, written);
    },
    drain: (ms) =>
      new Promise((resolve) => {
        if (stdout.writableLength === 0) return resolve();
        setTimeout(resolve, ms);
        stdout.write('', () => resolve());
      }),
  };
}

function fileSink(drop: Drop): Sink {
  const fd = isatty(STDOUT) ? reopened(STDOUT) : STDOUT;
  let waiting: Buffer[] = [];
  let bytes = 0;
  let timer: NodeJS.Timeout | undefined;

  /** Writes what waits, as far as it is taken. */
  function flush(): void {
    timer = undefined;
    while (waiting.length > 0) {
      const [line] = waiting as [Buffer];
      try {
        const written = writeSync(fd, line);
        bytes -= written;
        if (written === line.length) waiting.shift();
        else waiting[0] = line.subarray(written);
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
        if (code === 'EAGAIN') {
          timer = setTimeout(flush, RETRY_MS).unref();
          return;
        }
        drop(waiting.length, code);
        waiting = [];
        bytes = 0;
      }
    }
  }

  return {
    write: (line) => {
      if (bytes > MOST_WAITING) return drop(1, TOO_SLOW);
      const encoded = Buffer.from(line);
      waiting.push(encoded);
      bytes += encoded.length;
      if (timer === undefined) flush();
    },
    drain: async () => flush(),
  };
}

/** The same terminal, not blocking; the given one where that cannot be had. */
function reopened(fd: number): number {
  try {
    const anew = openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    if (isatty(anew)) return anew;
    closeSync(anew);
  } catch {
    // No /proc, or not ours to open.
  }
  return fd;
}

function complain(text: string): void {
  try {
    writeSync(STDERR, text);
  } catch {
    // Standard error is on the same full disk.
  }
}
