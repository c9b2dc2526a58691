import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Entries, Entry, Fields, Target } from '../workspace/types.ts';
import type { World } from './world.ts';

/** What every part of the page can reach. */
export interface Desk {
  world: World;
  /** Does something as the window's person; a failure is shown to them, and answered with undefined. */
  act: (name: string, body: Fields) => Promise<Fields | undefined>;
  /** Turns a switch of the panel for trying things out; as act. */
  turn: (name: string, body: Fields) => Promise<Fields | undefined>;
  openChannel: (id: string) => void;
  /** Shows a line for a short time. */
  notice: (text: string) => void;
}

export const DeskContext = createContext<Desk | undefined>(undefined);

export function useDesk(): Desk {
  const desk = useContext(DeskContext);
  if (!desk) throw new Error('There is no desk around this component');
  return desk;
}

/** The message or view in which an element stands, and what was entered in it. */
export interface Place {
  target: Target;
  entries: Entries;
  enter: (blockId: string, actionId: string, entry: Entry) => void;
  /** Words to show under blocks. */
  errors: { [blockId: string]: string };
  /** Elements cannot be used, since an answer is awaited. */
  busy: boolean;
}

export const PlaceContext = createContext<Place | undefined>(undefined);

export function usePlace(): Place {
  const place = useContext(PlaceContext);
  if (!place) throw new Error('There is no place around this component');
  return place;
}
