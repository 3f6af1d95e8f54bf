(** L9 [ours] (blueprint, section 1), its first sentence, for any network of units in an order, each of which reads
    earlier ones with its weights: what leads to the output only through weights that stay 0 may take any value. And
    the free slot in STREAM, which is such a place.

    Definitions: [unit_weight], one weight, of an edge or a bias; [upto], the values of the first n units; [value], of
    one unit; [route], a way from a unit to another on which no weight stays 0.
    Statements: L9. *)

From Coq Require Import Reals Lra List Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums paths.
From Skipscape.networks Require Import networks blocks.
From Skipscape.lemmas Require Import losses readout.
Import ListNotations.
Open Scope R_scope.

Inductive unit_weight := Edge (n i : nat) | UnitBias (n : nat).

Section Units.
(** the first units are inputs; every other one has an activation of its own *)
Variables (inputs : nat) (x : nat -> R) (phi : nat -> R -> R).

Fixpoint upto (P : unit_weight -> R) (n : nat) : nat -> R :=
  match n with
  | O => fun _ => 0
  | S n' => fun i => if Nat.eqb i n' then
      (if Nat.ltb n' inputs then x n' else phi n' (\sum_(k < n') (P (Edge n' k) * upto P n' k) + P (UnitBias n')))
      else upto P n' i
  end.
Definition value (P : unit_weight -> R) (n : nat) : R := upto P (S n) n.

Lemma upto_value P n : forall i, (i < n)%nat -> upto P n i = value P i.
Proof.
  induction n as [|n IH]; intros i Hi; [lia|]. destruct (Nat.eq_dec i n) as [->|Hne]; [easy|].
  cbn [upto]. rewrite (proj2 (Nat.eqb_neq i n) Hne). apply IH. lia.
Qed.

Lemma value_unfold P n : value P n
  = if Nat.ltb n inputs then x n else phi n (\sum_(k < n) (P (Edge n k) * value P k) + P (UnitBias n)).
Proof.
  unfold value at 1. cbn [upto]. rewrite Nat.eqb_refl. destruct (Nat.ltb n inputs); [easy|]. f_equal. f_equal.
  apply lsum_ext; intros k Hk. apply in_rng in Hk. now rewrite upto_value.
Qed.

(** a weight stays 0 if it is 0 in both networks *)
Inductive route (P P' : unit_weight -> R) : nat -> nat -> Prop :=
| route_here n : route P P' n n
| route_step n k o : (n < k)%nat -> ~ (P (Edge k n) = 0 /\ P' (Edge k n) = 0) -> route P P' k o -> route P P' n o.

(** "If every route from a weight to the output passes, after it, a weight that stays 0, then that weight may take any
    value and f does not change": the weights into a unit without a route to o are free *)
Theorem L9_routes P P' o : (forall n, route P P' n o -> P' (UnitBias n) = P (UnitBias n) /\
    forall k, (k < n)%nat -> P' (Edge n k) = P (Edge n k)) ->
  forall t, value (lin t P P') o = value P o.
Proof.
  intros Hfree t. set (T := lin t P P').
  assert (H : forall n m, (m < n)%nat -> route P P' m o -> value T m = value P m).
  { induction n as [|n IH]; intros m Hm Hr; [lia|]. rewrite !value_unfold. destruct (Nat.ltb m inputs); [easy|].
    destruct (Hfree m Hr) as [Hb He]. f_equal. f_equal.
    - apply lsum_ext; intros k Hk. apply in_rng in Hk.
      replace (T (Edge m k)) with (P (Edge m k)) by (unfold T, lin; rewrite He by easy; ring).
      destruct (Req_dec (P (Edge m k)) 0) as [E|E]; [rewrite E; ring|]. f_equal. apply IH; [lia|].
      apply (route_step P P' k m o Hk); [|exact Hr]. intros [E0 _]. easy.
    - unfold T, lin. rewrite Hb. ring. }
  apply (H (S o)); [lia | apply route_here].
Qed.
End Units.

(** * STREAM: "w_j is free if V_j = 0 and A_(k,j) = 0 for all k", "in RESIDUAL and STREAM also if V = 0" *)

Theorem L9_silent_stream X m K Bl P P' J t :
  (forall j, In j J -> (forall c, sV P j c = 0) /\ forall k a, sA P k j a = 0) ->
  (forall j, ~ In j J -> forall i, sW P' j i = sW P j i) -> sV P' = sV P -> (forall k, sA P' k = sA P k) ->
  (forall k, sU P' k = sU P k) -> (forall k, sQ P' k = sQ P k) ->
  stream X m K Bl (lin t P P') = stream X m K Bl P.
Proof.
  intros H0 HW EV EA EU EQ. set (T := lin t P P').
  assert (EV' : forall j c, sV T j c = sV P j c).
  { intros j c. change (sV T j c) with ((1 - t) * sV P j c + t * sV P' j c). rewrite EV. ring. }
  assert (EA' : forall k j a, sA T k j a = sA P k j a).
  { intros k j a. change (sA T k j a) with ((1 - t) * sA P k j a + t * sA P' k j a). rewrite EA. ring. }
  assert (EU' : forall k j s, sU T k j s = sU P k j s).
  { intros k j s. change (sU T k j s) with ((1 - t) * sU P k j s + t * sU P' k j s). rewrite EU. ring. }
  assert (EQ' : forall k, sQ T k = sQ P k).
  { intros k. apply functional_extensionality; intros d. apply matrix_ext; intros a b.
    change (sQ T k d a b) with ((1 - t) * sQ P k d a b + t * sQ P' k d a b). rewrite EQ. ring. }
  assert (Hstate : forall n k j, ~ In j J -> state X m Bl T n k j = state X m Bl P n k j).
  { induction n as [|n IH]; intros k j Hj.
    - cbn [state]. unfold stream_feature. f_equal. apply dot_ext. intros i.
      change (sW T j i) with ((1 - t) * sW P j i + t * sW P' j i). rewrite HW by easy. ring.
    - rewrite !(state_S X m Bl), IH by easy. f_equal. apply lsum_ext; intros s _. rewrite EU'. f_equal.
      unfold block_out. rewrite EQ'. f_equal. apply functional_extensionality; intros a.
      apply lsum_ext; intros i _. rewrite EA'. destruct (in_dec Nat.eq_dec i J) as [Hi|Hi].
      + rewrite (proj2 (H0 i Hi)). ring.
      + now rewrite IH. }
  apply matrix_ext; intros k c. apply lsum_ext; intros j _. rewrite EV'.
  destruct (in_dec Nat.eq_dec j J) as [Hj|Hj]; [rewrite (proj1 (H0 j Hj)); ring | now rewrite Hstate].
Qed.

Theorem L9_no_readout X m K Bl B : (forall P, (forall j c, sV P j c = 0) -> stream X m K Bl P = fun _ _ => 0) /\
  (forall P, (forall j c, V P j c = 0) -> residual X m B P = fun _ _ => 0).
Proof. split; intros P H; apply matrix_ext; intros k c; apply lsum_zero; intros j _; rewrite H; ring. Qed.
