import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Entries, Entry, Fields, Target } from '../workspace/types.ts';
import type { World } from './world.ts';

/** Shared by all parts of the page. */
export interface Desk {
  world: World;
  /** Performs an action as the window's person. A failure is shown to them and returns undefined. */
  act: (name: string, body: Fields) => Promise<Fields | undefined>;
  /** Changes a setting in the test panel. Fails as act does. */
  turn: (name: string, body: Fields) => Promise<Fields | undefined>;
  openChannel: (id: string) => void;
  /** Shows a line briefly. */
  notice: (text: string) => void;
}

export const DeskContext = createContext<Desk | undefined>(undefined);

export function useDesk(): Desk {
  const desk = useContext(DeskContext);
  if (!desk) throw new Error('There is no desk around this component');
  return desk;
}

/** The message or view that contains an element, and what was entered in it. */
export interface Place {
  target: Target;
  entries: Entries;
  enter: (blockId: string, actionId: string, entry: Entry) => void;
  /** Errors to show under blocks. */
  errors: { [blockId: string]: string };
  /** Elements are disabled while waiting for an answer. */
  busy: boolean;
}

export const PlaceContext = createContext<Place | undefined>(undefined);

export function usePlace(): Place {
  const place = useContext(PlaceContext);
  if (!place) throw new Error('There is no place around this component');
  return place;
}
