import { claimLease, freeLease, type Lease, renewLease } from '../../store/kit/leases.ts';

/** What processes' clocks and the way to the database may differ by, in milliseconds. */
const MARGIN_MS = 3_000;

/** Thrown when something would be done under a lease that another may have by now. */
export class HoldLost extends Error {
  override readonly name = 'HoldLost';
}

/** A lease that is renewed until it is given back, and that knows, without asking, how long it is held for certain. */
export class Hold {
  readonly lease: Lease;
  private readonly leaseMs: number;
  private readonly beat: NodeJS.Timeout;
  /** By the clock of the process, which nobody sets. */
  private heldUntil: number;

  /** @returns undefined while another holds it */
  static async claim(name: string, leaseMs: number): Promise<Hold | undefined> {
    const asked = performance.now();
    const lease = await claimLease(name, leaseMs);
    return lease && new Hold(lease, leaseMs, asked);
  }

  private constructor(lease: Lease, leaseMs: number, asked: number) {
    this.lease = lease;
    this.leaseMs = leaseMs;
    this.heldUntil = asked + leaseMs - MARGIN_MS;
    // a hold that is never given back must not keep a process from ending
    this.beat = setInterval(() => void this.renew(), leaseMs / 3).unref();
  }

  /** @throws {HoldLost} when it could not be renewed in time: a stalled process, a database that was away */
  assert(): void {
    if (performance.now() > this.heldUntil)
      throw new HoldLost(`${this.lease.name} may be held by another process by now`);
  }

  async free(): Promise<void> {
    clearInterval(this.beat);
    await freeLease(this.lease);
  }

  private async renew(): Promise<void> {
    const asked = performance.now();
    try {
      const isHeld = await renewLease(this.lease, this.leaseMs);
      this.heldUntil = isHeld ? asked + this.leaseMs - MARGIN_MS : 0;
    } catch {
      // the next beat tries again, as long as it is held
    }
  }
}
