(** R5 [known] (blueprint, section 2): with finite data all but N neurons are combinations of the others on the
    data, and can be emptied without changing any output. Any branch.

    Definitions: none of its own: emptied is [freed] of route.v with d = 0, combinations are [spanned] of linear.v.
    Statements: R5. *)

From Coq Require Import Reals Lra Psatz List Permutation Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums paths selection linear.
From Skipscape.networks Require Import networks.
From Skipscape.lemmas Require Import transfer.
From Skipscape.routes Require Import route.
Import ListNotations.
Open Scope R_scope.

Section Rank.
Variables (X : data) (m : nat) (B : branch).

(** emptying slots whose features are combinations of the others costs nothing *)
Lemma freed_by_span P l J C : slots m l J ->
  (forall j, In j J -> spanned m (points X) J C (fun j k => feature X P k j) j) ->
  (forall t k c, (k < points X)%nat -> parallel X m B (lin t P (give P J C)) k c = parallel X m B P k c) /\
  freed X m B 0 J P (give P J C).
Proof.
  intros (HN & _ & HJ) Hspan.
  assert (Hexact : forall t k c, (k < points X)%nat ->
    parallel X m B (lin t P (give P J C)) k c = parallel X m B P k c).
  { intros t k c Hk. apply give_exact; try easy. intros k' Hk' j Hj. now apply Hspan. }
  split; [easy|]. split.
  - apply joined_line. intros t _. apply close_on_points; [lra|]. intros k c Hk _. now apply Hexact.
  - intros j Hj. split; intros; now apply hand_off.
Qed.

(** R5: "0 once m >= N + l" *)
Theorem R5_rank P l : (points X + l <= m)%nat ->
  exists J P', slots m l J /\ freed X m B 0 J P P'.
Proof.
  intros Hm.
  destruct (column_basis m (points X) (fun j k => feature X P k j) l Hm) as (J & C & HN & HL & HJ & HC).
  exists J, (give P J C). split; [easy|]. now apply (freed_by_span P l).
Qed.

(** R5: "free all but a column basis of the feature matrix": what stays has independent features *)
Theorem R5_basis P : exists J P', slots m (length J) J /\ freed X m B 0 J P P' /\ W P' = W P /\
  forall a, (forall k, (k < points X)%nat -> \sum_(j in others m J) (a j * feature X P k j) = 0) ->
  forall j, (j < m)%nat -> ~ In j J -> a j = 0.
Proof.
  destruct (independent_rest m (points X) (fun j k => feature X P k j)) as (J & C & HN & HJ & HC & Hrest).
  assert (Hs : slots m (length J) J) by easy.
  exists J, (give P J C). split; [easy|]. split; [now apply (freed_by_span P (length J))|]. split; [easy|].
  exact Hrest.
Qed.
End Rank.
