(** R5 and T4 [known] (blueprint, section 2): with finite data all but N neurons are combinations of the others
    on the data, and can be emptied without changing any output. Any branch. *)

From Coq Require Import Reals Lra Psatz List Permutation Arith Lia FunctionalExtensionality.
From Skipscape Require Import sums relu paths networks transfer readout losses selection slots connectivity linear.
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

(** T4: every sub-level set at or above a two-layer network's loss is path-connected, zero barrier *)
Theorem T4_connected Phi G l w v P P' level : tame X G Phi -> (points X + l <= m)%nat -> (l < m)%nat ->
  Phi (parallel X m B P) <= level -> Phi (parallel X m B P') <= level -> Phi (two_layer X l w v) <= level ->
  exists gam, path gam /\ gam 0 = P /\ gam 1 = P' /\ forall t, 0 <= t <= 1 ->
    Phi (parallel X m B (gam t)) <= level.
Proof.
  intros HPhi Hm Hlm HP HP' Hstar.
  destruct (R5_rank P l Hm) as (J & F & HJ & HF). destruct (R5_rank P' l Hm) as (J' & F' & HJ' & HF').
  apply (joined_path (sublevel (loss_of X m B Phi) level)).
  eapply joined_mono; [|exact (C2_from_route X m B l w v Phi G 0 0 J J' P P' F F' level HPhi Hlm HJ HJ'
    (Rle_refl 0) (Rle_refl 0) HF HF' HP HP' Hstar)].
  intros T HT. unfold sublevel in *. rewrite Rmax_left, Rmult_0_r, Rplus_0_r in HT by lra. exact HT.
Qed.
End Rank.
