(** R8 [ours] (blueprint-2, section 4): R7's choice for pairs whose unit effects are close to each other, rows within a
    chord of each other and columns of V of one direction (one sign, for one output), no branch that hears W. The
    matching that finds such pairs among the lightest neurons is a hypothesis here: on the sphere it is L5's count.

    Definitions: [row_chord], the distance of two rows, each over its norm; [one_way], two columns of V have one
    direction; [close_pairs], a list of disjoint pairs of such neurons within a chord.
    Statements: R8. *)

From Coq Require Import Reals Lra Psatz List Permutation Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums euclidean relu paths selection.
From Skipscape.networks Require Import networks.
From Skipscape.lemmas Require Import moment perturb losses slots.
From Skipscape.routes Require Import route pairing.
Import ListNotations.
Open Scope R_scope.

Section Close.
Variables (X : data) (m : nat) (B : branch).

Definition row_chord (P : param) (j i : nat) : R := enorm (seen X) (fun n =>
  / enorm (seen X) (W P j) * W P j n - / enorm (seen X) (W P i) * W P i n).
Definition one_way (P : param) (j i : nat) : Prop := forall c, (c < outputs X)%nat ->
  enorm (outputs X) (V P i) * V P j c = enorm (outputs X) (V P j) * V P i c.
Definition close_pairs (P : param) (chord : R) (T : list (nat * nat)) : Prop := NoDup (pair_slots T) /\
  forall ji, In ji T -> one_way P (fst ji) (snd ji) /\ row_chord P (fst ji) (snd ji) <= chord.

(** of positive mass and one direction: the unit effects are no farther apart than the rows *)
Lemma units_close sigma P j i chord : moment X sigma -> one_way P j i -> row_chord P j i <= chord ->
  0 < neuron_mass X B 0 P j -> 0 < neuron_mass X B 0 P i ->
  sq (effect_index X B) (effect_weight X) (fun x =>
    / neuron_mass X B 0 P j * effect X 0 P j x - / neuron_mass X B 0 P i * effect X 0 P i x) <= (sigma * chord)^2.
Proof.
  intros Hs Hway Hchord Hj Hi. pose proof Hs as [Hs0 _]. unfold neuron_mass in *. rewrite !Rmult_0_l, !Rplus_0_r in *.
  set (wj := enorm (seen X) (W P j)) in *. set (wi := enorm (seen X) (W P i)) in *.
  set (vj := enorm (outputs X) (V P j)) in *. set (vi := enorm (outputs X) (V P i)) in *.
  assert (Hpos : forall a b, 0 <= a -> 0 <= b -> 0 < a * b -> 0 < a /\ 0 < b).
  { intros a b Ha Hb H. split; destruct (Req_dec a 0), (Req_dec b 0); nra. }
  destruct (Hpos wj vj (enorm_nonneg _ _) (enorm_nonneg _ _) Hj) as [Hwj Hvj].
  destruct (Hpos wi vi (enorm_nonneg _ _) (enorm_nonneg _ _) Hi) as [Hwi Hvi].
  set (a := fun n => / wj * W P j n). set (b := fun n => / wi * W P i n).
  set (z := fun k => relu (dot X a (input X k)) - relu (dot X b (input X k))).
  assert (Hz : pnorm X z <= sigma * chord).
  { eapply Rle_trans; [exact (L2_moment X sigma a b Hs)|]. now apply Rmult_le_compat_l. }
  rewrite sq_both. cbv beta.
  assert (Eread : l2norm X (branch_in B) (fun k x => / (wj * vj) * effect X 0 P j (inr (k, x))
    - / (wi * vi) * effect X 0 P i (inr (k, x))) = 0).
  { apply l2norm_zero. intros k x. cbn [effect fst snd]. ring. }
  rewrite Eread. replace (0 ^ 2) with 0 by ring. rewrite Rplus_0_r.
  assert (Eout : l2norm X (outputs X) (fun k c => / (wj * vj) * effect X 0 P j (inl (k, c))
    - / (wi * vi) * effect X 0 P i (inl (k, c))) = l2norm X (outputs X) (fun k c => (/ vj * V P j c) * z k)).
  { apply l2norm_ext. intros k c _ Hc. cbn [effect fst snd]. unfold feature, z, a, b.
    rewrite !dot_scal, !L1a_homogeneous by (left; now apply Rinv_0_lt_compat).
    assert (EV : V P i c = / vj * vi * V P j c).
    { pose proof (Hway c Hc) as H. fold vi vj in H. apply (Rmult_eq_reg_l vj); [|lra].
      replace (vj * (/ vj * vi * V P j c)) with (vi * V P j c) by (field; lra). now rewrite <- H. }
    rewrite EV. field. repeat split; lra. }
  rewrite Eout. apply pow_incr. split; [apply l2norm_nonneg|].
  assert (Eone : l2norm X (outputs X) (fun k c => (/ vj * V P j c) * z k)
    = enorm (outputs X) (fun c => / vj * V P j c) * pnorm X z).
  { apply (wnorm_rank1 (seq 0 (points X)) (seq 0 (outputs X)) (weight X) z (fun c => / vj * V P j c)),
      weight_nonneg. }
  rewrite Eone, enorm_scal_pos by (left; now apply Rinv_0_lt_compat). fold vj. rewrite Rinv_l by lra. lra.
Qed.

(** R8's choice: one of each pair dies, the deviation is that of the chord, and the mass is the same all along *)
Theorem R8_choice sigma P chord T : moment X sigma -> branch_gain X B P 0 -> 0 <= chord ->
  close_pairs P chord T -> (forall j, In j (pair_slots T) -> (j < m)%nat) ->
  let s := neuron_mass X B 0 P in
  let D := sigma * chord * sqrt (\sum_(ji in T) (s (fst ji) * s (snd ji))) in
  exists J P', slots m (length T) J /\ incl J (pair_slots T) /\ silent P' J /\ forall t, 0 <= t <= 1 ->
    close X (parallel X m B) D P (lin t P P') /\ mass X m B 0 (lin t P P') = mass X m B 0 P.
Proof.
  intros Hs Hgain Hchord [HN Hclose] HT s D. pose proof Hs as [Hs0 _].
  assert (Hspos : forall j, 0 <= s j) by (intros; apply neuron_mass_nonneg; lra).
  destruct (greedy_close (effect_index X B) (effect_weight X)) with (s := s) (phi := effect X 0 P)
    (e := (sigma * chord)^2) (T := T) as (J & r & HNJ & HLJ & Hincl & Hzero & Hr & Hmass & Hsq).
  { intros []; apply weight_nonneg. } { exact Hspos. } { exact HN. }
  { intros j _ E. pose proof (effect_bound X B sigma 0 P j Hs (Rle_refl 0)) as H. fold s in H. rewrite E in H. lra. }
  { intros ji Hji Ha Hb. destruct (Hclose ji Hji). now apply units_close. }
  set (q := D). assert (Hsum0 : 0 <= \sum_(ji in T) (s (fst ji) * s (snd ji))).
  { apply lsum_nonneg; intros; now apply Rmult_le_pos. }
  assert (Hq : 0 <= q) by (apply Rmult_le_pos; [now apply Rmult_le_pos | apply sqrt_pos]).
  assert (Hqq : (sigma * chord)^2 * \sum_(ji in T) (s (fst ji) * s (snd ji)) <= q^2).
  { right. unfold q, D. rewrite !Rpow_mult_distr, pow2_sqrt by easy. ring. }
  destruct (scaled_pairs X m B 0 1 q P (pair_slots T) J r Hgain ltac:(now left) Hq HN HT Hincl Hzero Hr Hmass
    (Rle_trans _ _ _ Hsq Hqq)) as [Hsilent Halong]. rewrite Rmult_1_l in Halong.
  exists J, (scale P (fun j => if mem j (pair_slots T) then r j else 1)).
  split; [|split; [easy | split; [easy | exact Halong]]].
  split; [easy|]. split; [easy|]. intros j Hj. now apply HT, Hincl.
Qed.

(** "D <= 2 sigma sin(phi/2) S sqrt l/(m - 2l - 2N_d(phi) + 1)": M of the lightest neurons hold l close pairs *)
Theorem R8_pairing sigma P chord M l : (M <= m)%nat -> (0 < m)%nat -> moment X sigma -> branch_gain X B P 0 ->
  0 <= chord ->
  (forall K, slots m M K -> exists T, length T = l /\ close_pairs P chord T /\ incl (pair_slots T) K) ->
  let D := sigma * chord * mass X m B 0 P * sqrt (INR l) / INR (m - M + 1) in
  exists J P', slots m l J /\ silent P' J /\ forall t, 0 <= t <= 1 ->
    close X (parallel X m B) D P (lin t P P') /\ mass X m B 0 (lin t P P') = mass X m B 0 P.
Proof.
  intros HM Hm Hs Hgain Hchord Hmatch D. pose proof Hs as [Hs0 _].
  set (s := neuron_mass X B 0 P). set (S := mass X m B 0 P) in *.
  assert (Hspos : forall j, 0 <= s j) by (intros; apply neuron_mass_nonneg; lra).
  destruct (lightest s m M HM) as (K & HNK & HLK & HK & Hmin).
  destruct (Hmatch K ltac:(split; [easy | split; easy])) as (T & HLT & HT & HTK).
  set (n := INR (m - M + 1)). assert (Hn : 0 < n) by (apply lt_0_INR; lia).
  assert (Hshare : forall j, In j K -> s j <= S / n).
  { intros j Hj. pose proof (lightest_share s m K HNK HK Hspos Hmin j Hj) as H. rewrite HLK in H. fold n in H.
    change (\sum_(i < m) s i) with S in H. apply (Rmult_le_reg_l n); [easy|].
    replace (n * (S / n)) with S by (field; lra). exact H. }
  destruct (R8_choice sigma P chord T Hs Hgain Hchord HT) as (J & P' & HJ & _ & Hsilent & Halong).
  { intros j Hj. now apply HK, HTK. }
  exists J, P'. rewrite HLT in HJ. split; [easy|]. split; [easy|]. intros t Ht.
  destruct (Halong t Ht) as [Hclose Hmass]. split; [|easy].
  unfold close in *. eapply Rle_trans; [exact Hclose|]. fold s.
  assert (HS0 : 0 <= S) by (apply mass_nonneg; lra).
  assert (HSn : 0 <= S / n) by (apply Rmult_le_pos; [easy | left; now apply Rinv_0_lt_compat]).
  assert (Hroot : sqrt (\sum_(ji in T) (s (fst ji) * s (snd ji))) <= sqrt (INR l) * (S / n)).
  { rewrite <- (sqrt_pow2 (S / n)) at 1 by easy. rewrite <- sqrt_mult by (apply pos_INR || apply pow2_ge_0).
    apply sqrt_le_1_alt. rewrite <- HLT, <- lsum_const. apply lsum_le; intros ji Hji.
    destruct (pair_in T ji Hji) as [Hf Hg]. pose proof (Hspos (fst ji)). pose proof (Hspos (snd ji)).
    pose proof (Hshare _ (HTK _ Hf)). pose proof (Hshare _ (HTK _ Hg)). nra. }
  unfold D. fold n. replace (sigma * chord * S * sqrt (INR l) / n) with (sigma * chord * (sqrt (INR l) * (S / n)))
    by (field; lra).
  apply Rmult_le_compat_l; [now apply Rmult_le_pos | exact Hroot].
Qed.
End Close.
