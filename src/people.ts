/** Who works here (docs 90196, 90200, 90208), within the app's visible range: what the bot asks and wecom answers. */

export interface Person {
  readonly userid: string;
  readonly name: string;
}

export interface Department {
  readonly id: number;
  readonly name: string;
}

export interface Directory {
  /** The app may not know what people are called: nobody can be found by a name. */
  hidesNames(): boolean;
  /** The member's name; the userid when it cannot be read. Never throws. */
  name(userid: string): Promise<string>;
  /** Those whose userid or whole name it is; without any, those whose name holds it. Case is ignored. Throws BotError. */
  findPeople(query: string): Promise<readonly Person[]>;
  /** As findPeople, by number or name. */
  findDepartments(query: string): Promise<readonly Department[]>;
}
