(** Streams whose blocks are deep ReLU networks (T9S): z_0 = [W x]_+, and behind it layers of three kinds, in any order:
    `Enter`, u = [A z + a]_+, the first hidden layer of a block; `Inside`, u = [B u + b]_+, a further one; `Leave`,
    z = z + U u + e, the end of a block, or where `true` its positive part. A block of n hidden layers is Enter, n - 1
    times Inside, Leave; RESIDUAL is one block, STREAM and POST several, all with e = 0. The output is V z + c.

    Definitions: [layer_kind], the three; [settle], a sum or its positive part; [deep_weight], one weight, [deep_param], all of them; [hidden_weight], a
    weight that is not of the readout; [stream_at], coordinates and hidden units behind layer h; [stream_net], the
    outputs.
    Statements: none. *)

From Coq Require Import Reals List.
From Skipscape.base Require Import sums relu.
From Skipscape.networks Require Import networks.
Open Scope R_scope.

Inductive layer_kind := Enter | Inside | Leave (rectified : bool).
Definition settle (rectified : bool) (x : R) : R := if rectified then relu x else x.
Inductive deep_weight :=
| First (j i : nat)
| Entry (h j i : nat)
| EntryBias (h j : nat)
| ReadStream (j c : nat)
| ReadBias (c : nat).
Definition deep_param := deep_weight -> R.
Definition hidden_weight (x : deep_weight) : bool := match x with ReadStream _ _ | ReadBias _ => false | _ => true end.

Section DeepStreams.
Variables (m K : nat) (kind : nat -> layer_kind) (units : nat -> nat).

(** `units h` hidden units behind layer h, where that is hidden *)
Fixpoint stream_at (n : nat) (P : deep_param) (h : nat) (x : vector) : vector * vector :=
  match h with
  | O => (fun j => relu (\sum_(i < n) (P (First j i) * x i)), fun _ => 0)
  | S h' => let z := fst (stream_at n P h' x) in let u := snd (stream_at n P h' x) in
    match kind h with
    | Enter => (z, fun j => relu (\sum_(i < m) (P (Entry h j i) * z i) + P (EntryBias h j)))
    | Inside => (z, fun j => relu (\sum_(i < units h') (P (Entry h j i) * u i) + P (EntryBias h j)))
    | Leave r => (fun j => settle r (z j + \sum_(i < units h') (P (Entry h j i) * u i) + P (EntryBias h j)), fun _ => 0)
    end
  end.

Definition stream_net (X : data) (P : deep_param) (n c : nat) : R :=
  \sum_(j < m) (P (ReadStream j c) * fst (stream_at (seen X) P K (input X n)) j) + P (ReadBias c).
End DeepStreams.
