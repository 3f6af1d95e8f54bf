(** The checker of certificates as a program: [check], [check_depth] and [without_skip] become OCaml.

    Coq's extraction turns each definition into an OCaml function of the same text. Three kinds of numbers become
    OCaml's own, by the standard library's files where it has one: Z and nat are zarith's integers; machine integers
    are OCaml's, which are integers modulo 2^63 as well (`uint63.ml`). The conversions between them, which Coq defines
    bit by bit, are replaced by zarith's. None of this is proved: a verdict of the program is no theorem. *)

From Coq Require Import ZArith Sint63 Extraction ExtrOcamlBasic ExtrOcamlZBigInt ExtrOcamlNatBigInt ExtrOCamlInt63.
From Skipscape.certificates Require Import numbers evaluate check.

Extract Constant Z.of_nat => "(fun n -> n)".
Extract Constant Z.leb => "Big_int_Z.le_big_int".
Extract Constant Z.ltb => "Big_int_Z.lt_big_int".
Extract Constant Z.land => "Big_int_Z.and_big_int".
Extract Constant Nat.leb => "Big_int_Z.le_big_int".
Extract Constant Nat.ltb => "Big_int_Z.lt_big_int".
Extract Constant Z.pow => "Big_int_Z.power_big_int_positive_big_int".
Extract Constant Nat.max => "Big_int_Z.max_big_int".
Extract Constant Uint63.of_Z => "Uint63.modulo".
Extract Constant Sint63.to_Z => "Big_int_Z.big_int_of_int".
Extract Constant Uint63.opp => "Uint63.opp".

Extraction "checking.ml" check.check check_depth without_skip.
