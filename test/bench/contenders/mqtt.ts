/** mqtt-packet: PUBLISH with QoS 1 for each MESSAGE, a sibling from another protocol. */

import mqtt, { type IPublishPacket, type Packet } from "mqtt-packet";
import type { PlainFrame } from "../workloads/frames.ts";
import type { ParsingWorkload } from "../workloads/parsing.ts";
import { inChunks } from "../workloads/wire.ts";
import { addBytes, addText, firstValue } from "./consume.ts";
import { Absent, type Prepared } from "./contender.ts";

/** Parses the same messages as PUBLISH packets: topic, packet id and payload. */
export function mqttParsing(workload: ParsingWorkload): Prepared {
  const { frames } = workload;
  const chunks = inChunks(frames.map(publish), 65_536);
  check(chunks, frames);
  let sum = 0;
  const parser = mqtt.parser({ protocolVersion: 4 });
  parser.on("packet", (packet: Packet) => {
    if (packet.cmd !== "publish") return;
    sum = addText(sum, packet.topic) + (packet.messageId ?? 0);
    sum = addBytes(sum, packet.payload as Buffer);
  });
  return {
    units: frames.length,
    pass: () => {
      sum = 0;
      for (const chunk of chunks) parser.parse(chunk);
      return sum;
    },
  };
}

function publish(frame: PlainFrame, index: number): Buffer {
  return mqtt.generate({
    cmd: "publish",
    qos: 1,
    dup: false,
    retain: false,
    messageId: 1 + index,
    topic: firstValue(frame, "destination") ?? "",
    payload: Buffer.from(frame.body),
  });
}

function check(chunks: readonly Buffer[], frames: readonly PlainFrame[]): void {
  const packets: IPublishPacket[] = [];
  const parser = mqtt.parser({ protocolVersion: 4 });
  parser.on("packet", (packet: Packet) => {
    if (packet.cmd === "publish") packets.push(packet);
  });
  for (const chunk of chunks) parser.parse(chunk);
  const same = frames.every(
    (frame, index) =>
      packets[index]?.topic === firstValue(frame, "destination") &&
      packets[index]?.messageId === 1 + index &&
      Buffer.compare(packets[index]?.payload as Buffer, frame.body) === 0,
  );
  if (!same) throw new Absent("wrong packets");
}
