import { claimLease, freeLease, type Lease, renewLease } from '../../store/kit/leases.ts';

/** The tolerance for clock differences and network delays, in milliseconds. */
const MARGIN_MS = 3_000;

/** Thrown when something would be done under a lease that may have passed to another holder. */
export class HoldLost extends Error {
  override readonly name = 'HoldLost';
}

/** A lease that is renewed until it is released, and that knows without a query how long it is certainly held. */
export class Hold {
  readonly lease: Lease;
  private readonly leaseMs: number;
  private readonly beat: NodeJS.Timeout;
  /** By the process's monotonic clock. */
  private heldUntil: number;

  /** @returns undefined if another holds it */
  static async claim(name: string, leaseMs: number): Promise<Hold | undefined> {
    const asked = performance.now();
    const lease = await claimLease(name, leaseMs);
    return lease && new Hold(lease, leaseMs, asked);
  }

  private constructor(lease: Lease, leaseMs: number, asked: number) {
    this.lease = lease;
    this.leaseMs = leaseMs;
    this.heldUntil = asked + leaseMs - MARGIN_MS;
    // a lease that is never released must not keep the process alive
    this.beat = setInterval(() => void this.renew(), leaseMs / 3).unref();
  }

  /** @throws {HoldLost} if it couldn't be renewed in time: the process stalled, or the database was unavailable */
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
      // the next beat tries again, as long as the lease is held
    }
  }
}
