/** A keep-alive connection that sends one prepared request at a time and collects its answer as raw bytes. */
import { connect, type Socket } from 'node:net';

/** Status line, headers and body, as received. */
export interface RawAnswer {
  readonly status: number;
  readonly body: Buffer;
}

const HEADER_END = Buffer.from('\r\n\r\n');
const LENGTH = /\r\ncontent-length: *(\d+)/i;

export class Connection {
  readonly #socket: Socket;
  #received: Buffer | undefined;
  #bodyStart = 0;
  #wanted = 0;
  #status = 0;
  #done: ((answer: RawAnswer) => void) | undefined;
  #failed: ((error: Error) => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', (error) => this.#failed?.(error));
    socket.on('close', () => this.#failed?.(new Error('the server closed the connection')));
  }

  static open(port: number): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1' });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new Connection(socket));
      });
    });
  }

  /** Callbacks instead of a promise: the generator shares two cores with what it measures. */
  send(request: Buffer, done: (answer: RawAnswer) => void, failed: (error: Error) => void): void {
    this.#received = undefined;
    this.#wanted = 0;
    this.#done = done;
    this.#failed = failed;
    this.#socket.write(request);
  }

  close(): void {
    this.#failed = undefined;
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    const received = this.#received === undefined ? chunk : Buffer.concat([this.#received, chunk]);
    this.#received = received;
    if (this.#wanted === 0) {
      const end = received.indexOf(HEADER_END);
      if (end === -1) return;
      const head = received.toString('latin1', 0, end);
      const length = LENGTH.exec(head)?.[1];
      if (length === undefined) {
        this.#failed?.(new Error(`an answer without Content-Length: ${head}`));
        return;
      }
      this.#status = Number(head.slice(9, 12));
      this.#bodyStart = end + HEADER_END.length;
      this.#wanted = this.#bodyStart + Number(length);
    }
    if (received.length < this.#wanted) return;
    this.#done?.({ status: this.#status, body: received.subarray(this.#bodyStart, this.#wanted) });
  }
}
