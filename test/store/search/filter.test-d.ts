import { expectTypeOf, test } from "vitest";
import type {
  AttributeKey,
  Field,
  Filter,
  OrderField,
  SearchTarget,
} from "../../../src/store/search/index.ts";

test("filters of traces alone can speak of spans", () => {
  expectTypeOf<Extract<Filter<"runs">, { kind: "span" }>>().toBeNever();
  expectTypeOf<Extract<Filter<"traces">, { kind: "span" }>>().not.toBeNever();
});

test("the entities of a target are a closed list", () => {
  expectTypeOf<Field<"runs">["entity"]>().toEqualTypeOf<
    "attribute" | "metric" | "param" | "tag" | "dataset"
  >();
  expectTypeOf<OrderField<"runs">["entity"]>().toEqualTypeOf<
    "attribute" | "metric" | "param" | "tag"
  >();
  expectTypeOf<OrderField<"traces">["entity"]>().toEqualTypeOf<"attribute" | "tag" | "metadata">();
});

test("the keys of attributes are too", () => {
  expectTypeOf<AttributeKey<"experiments">>().toEqualTypeOf<
    "experiment_id" | "name" | "creation_time" | "last_update_time"
  >();
});

test("a filter of one target is a filter of some target", () => {
  expectTypeOf<Filter<"datasets">>().toExtend<Filter<SearchTarget>>();
});
