(** T1 and C2 for the regularised objective F = L + kappa S, squared error, and C2F [ours] (blueprint, section 2):
    with kappa > 0 nothing need be assumed on S. C2F with R4; with R1 it follows (gap.v).

    Definitions: [objective], F = L + kappa S; [two_layer_objective], the same of the two-layer network (w, v);
    [near], within d of P as a function and of no larger mass.
    Statements: C2F, L10. *)

From Coq Require Import Reals Lra Psatz List Permutation Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums paths.
From Skipscape.networks Require Import networks.
From Skipscape.lemmas Require Import perturb transfer readout losses slots regulariser.
From Skipscape.routes Require Import route prune.
Import ListNotations.
Open Scope R_scope.

Section Regularised.
Variables (X : data) (m : nat) (B : branch).
Variables (opn : matrix -> R) (lip : (nat -> matrix) -> R).
Hypothesis Hg : gauges X B opn lip.
Variable kappa : R.
Hypothesis Hkappa : 0 <= kappa.

Notation S_of := (total_mass X m B opn lip).
Notation gain := (gain opn lip).

(** "F = L + kappa S", and the same for a two-layer network *)
Definition objective (P : param) : R := squared X (parallel X m B P) + kappa * S_of P.
Definition two_layer_objective (l : nat) (w v : matrix) : R :=
  squared X (two_layer X l w v) + kappa * two_layer_mass X l w v.

Lemma total_mass_nonneg P : 0 <= S_of P.
Proof. apply mass_nonneg. now apply (gain_nonneg X B). Qed.

Lemma penalty_nonneg P : 0 <= kappa * S_of P.
Proof. apply Rmult_le_pos; [easy | apply total_mass_nonneg]. Qed.

(** near P and no heavier *)
Definition near (d : R) (P P' : param) : Prop :=
  close X (parallel X m B) d P P' /\ S_of P' <= S_of P.

Lemma near_objective d P P' : near d P P' -> sqrt (objective P') <= sqrt (objective P) + d.
Proof.
  intros [Hc HS]. unfold objective.
  apply Rle_trans with (sqrt (squared X (parallel X m B P') + kappa * S_of P)).
  - apply sqrt_le_1_alt, Rplus_le_compat_l. now apply Rmult_le_compat_l.
  - replace (parallel X m B P') with
      (fun k c => parallel X m B P k c + (parallel X m B P' k c - parallel X m B P k c))
      by (apply matrix_ext; intros; ring).
    eapply Rle_trans; [apply L8_regularised, penalty_nonneg|].
    apply Rplus_le_compat_l. exact Hc.
Qed.

Lemma near_by_merging sigma l P J ctr cf :
  moment X sigma -> admissible m l J ctr cf -> shrinks X P J ctr cf ->
  joined (near (deviation X B sigma (gain P) P J ctr cf) P) P (transfer (merge P J ctr cf) J ctr cf).
Proof.
  intros Hs Ha Hsh. pose proof Ha as [(HN & _ & HJ) [Hc Hcf]].
  pose proof (gain_ok X B opn lip Hg P) as Hlam.
  pose proof (branch_gain_nonneg X B P _ Hlam) as Hlam0.
  set (d := deviation X B sigma (gain P) P J ctr cf).
  assert (Hd : 0 <= d) by (apply deviation_nonneg; [apply Hs | easy]).
  set (P1 := merge P J ctr cf).
  assert (H1 : forall t, 0 <= t <= 1 -> near d P (lin t P P1)).
  { intros t Ht. split.
    - eapply Rle_trans; [apply (L3_perturb X m B sigma (gain P)); auto; lra|]. fold d. nra.
    - rewrite (total_mass_same X m B opn lip P) by (apply merge_U || apply merge_Q).
      now apply L10_merge. }
  assert (HP1 : near d P P1) by (rewrite <- (lin_1 P P1); apply H1; lra).
  apply (joined_step _ P P1); [easy|]. apply joined_line. intros t Ht. destruct HP1 as [Hclose Hmass]. split.
  - unfold close. rewrite (L4_transfer X m B l); [exact Hclose | easy|].
    intros j Hj i. destruct (Hc j Hj) as [_ Hout]. unfold P1, merge; entries.
    apply mem_In in Hj. apply mem_false in Hout. now rewrite Hj, Hout.
  - eapply Rle_trans; [|exact Hmass].
    rewrite (total_mass_same X m B opn lip P1) by (apply give_U || apply give_Q).
    apply (L10_transfer X m B (gain P1) l); [exact Hlam0 | easy | easy | now apply (merged_shrinks X m l)].
Qed.

(** T1 for F *)
Theorem T1_regularised l w v sigma P J ctr cf :
  moment X sigma -> admissible m l J ctr cf -> shrinks X P J ctr cf ->
  joined (sublevel (fun P => sqrt (objective P))
    (Rmax (sqrt (objective P) + deviation X B sigma (gain P) P J ctr cf) (sqrt (two_layer_objective l w v))))
    P (landing w v J (transfer (merge P J ctr cf) J ctr cf)).
Proof.
  intros Hs Ha Hsh. pose proof Ha as [HJ _].
  set (d := deviation X B sigma (gain P) P J ctr cf).
  set (P2 := transfer (merge P J ctr cf) J ctr cf).
  pose proof (near_by_merging sigma l P J ctr cf Hs Ha Hsh) as Hpath. fold d P2 in Hpath.
  assert (H0 : silent P2 J) by (intros j Hj; split; intros; now apply hand_off).
  assert (HP2 : sqrt (objective P2) <= sqrt (objective P) + d)
    by (apply near_objective; now apply joined_end in Hpath).
  assert (Hload : forall t, objective (lin t P2 (loaded w J P2)) = objective P2).
  { intros t. unfold objective, loaded. rewrite L9_silent by easy. do 2 f_equal.
    rewrite (total_mass_same X m B opn lip P2) by (apply load_U || apply load_Q). now apply L10_load. }
  assert (Hland : objective (landing w v J P2) <= two_layer_objective l w v).
  { destruct (placed_copy X m B l w v _ _ (list_injective m l J HJ) (landing_placed m l w v J P2 HJ))
      as (HU & Hfun & Hmass).
    unfold objective, two_layer_objective. rewrite parallel_off, Hfun by easy.
    apply Rplus_le_compat_l, Rmult_le_compat_l; [easy|]. unfold total_mass.
    rewrite (gain_off X B) by easy. exact Hmass. }
  apply (joined_trans _ _ P2).
  { eapply joined_mono; [|exact Hpath]. intros R0 HR0. unfold sublevel.
    apply Rle_trans with (sqrt (objective P) + d); [now apply near_objective | apply Rmax_l]. }
  apply (joined_step _ _ (loaded w J P2)).
  - intros t _. unfold sublevel. rewrite Hload. eapply Rle_trans; [exact HP2 | apply Rmax_l].
  - apply joined_line. intros t Ht. unfold sublevel.
    assert (Hconv : objective (lin t (loaded w J P2) (landing w v J P2))
      <= (1 - t) * objective P2 + t * two_layer_objective l w v).
    { apply Rle_trans with ((1 - t) * objective (loaded w J P2) + t * objective (landing w v J P2)).
      - unfold objective, landing.
        replace (parallel X m B (lin t _ _)) with (fun k c => (1 - t) * parallel X m B (loaded w J P2) k c
          + t * parallel X m B (landing w v J P2) k c)
          by (apply matrix_ext; intros; symmetry; apply L7_affine).
        pose proof (L7_squared X (parallel X m B (loaded w J P2)) (parallel X m B (landing w v J P2)) t Ht) as HL.
        pose proof (L10_readout X m B opn lip Hg (loaded w J P2)
          (fun j c => if mem j J then v (pos j J) c else 0) (fun _ _ => 0) t Ht) as HS.
        apply (Rmult_le_compat_l kappa) in HS; [|easy]. unfold landing in *. lra.
      - rewrite <- (lin_1 P2 (loaded w J P2)) at 1. rewrite Hload.
        apply Rplus_le_compat_l, Rmult_le_compat_l; [lra | exact Hland]. }
    pose proof (below_chord _ _ _ t Ht Hconv) as Hmax. apply sqrt_le_1_alt in Hmax.
    eapply Rle_trans; [exact Hmax|]. unfold Rmax at 1.
    destruct (Rle_dec (objective P2) (two_layer_objective l w v)).
    + apply Rmax_r.
    + eapply Rle_trans; [exact HP2 | apply Rmax_l].
Qed.

(** C2 for F *)
Theorem C2_regularised l w v sigma P P' J J' ctr ctr' cf cf' level : (l < m)%nat -> moment X sigma ->
  admissible m l J ctr cf -> admissible m l J' ctr' cf' -> shrinks X P J ctr cf -> shrinks X P' J' ctr' cf' ->
  objective P <= level -> objective P' <= level -> two_layer_objective l w v <= level ->
  joined (sublevel (fun P => sqrt (objective P))
    (sqrt level + Rmax (deviation X B sigma (gain P) P J ctr cf) (deviation X B sigma (gain P') P' J' ctr' cf')))
    P P'.
Proof.
  intros Hlm Hs Ha Ha' Hsh Hsh' HP HP' Hstar.
  set (d := deviation X B sigma (gain P) P J ctr cf). set (d' := deviation X B sigma (gain P') P' J' ctr' cf').
  assert (Hd : 0 <= d) by (apply deviation_nonneg; [apply Hs | now apply (gain_nonneg X B)]).
  pose proof (Rmax_l d d') as Hl. pose proof (Rmax_r d d') as Hr.
  apply sqrt_le_1_alt in HP, HP', Hstar.
  set (E := landing w v J (transfer (merge P J ctr cf) J ctr cf)).
  set (E' := landing w v J' (transfer (merge P' J' ctr' cf') J' ctr' cf')).
  apply (joined_trans _ _ E).
  { eapply joined_mono; [|exact (T1_regularised l w v sigma P J ctr cf Hs Ha Hsh)].
    intros R0 HR0. unfold sublevel in *. eapply Rle_trans; [exact HR0|]. fold d. apply Rmax_lub; lra. }
  apply (joined_trans _ _ E').
  { eapply joined_mono; [|exact (L9_permutation X m B l w v _ _ _ _ Hlm (list_injective m l J (proj1 Ha))
      (list_injective m l J' (proj1 Ha')) (landing_placed m l w v J _ (proj1 Ha))
      (landing_placed m l w v J' _ (proj1 Ha')))].
    intros R0 (HU & Hfun & Hmass). unfold sublevel. apply Rle_trans with (sqrt (two_layer_objective l w v)); [|lra].
    apply sqrt_le_1_alt. unfold objective, two_layer_objective. rewrite parallel_off, Hfun by easy.
    apply Rplus_le_compat_l, Rmult_le_compat_l; [easy|]. unfold total_mass. now rewrite (gain_off X B). }
  apply joined_sym. eapply joined_mono; [|exact (T1_regularised l w v sigma P' J' ctr' cf' Hs Ha' Hsh')].
  intros R0 HR0. unfold sublevel in *. eapply Rle_trans; [exact HR0|]. fold d'. apply Rmax_lub; lra.
Qed.

(** C2F: "a path with sqrt F <= sqrt lambda + sigma (lambda/kappa) (l/m), nothing assumed on S" *)
Theorem C2F_rate l w v sigma P P' level : 0 < kappa -> (l < m)%nat -> moment X sigma ->
  objective P <= level -> objective P' <= level -> two_layer_objective l w v <= level ->
  exists gam, path gam /\ gam 0 = P /\ gam 1 = P' /\ forall t, 0 <= t <= 1 ->
    sqrt (objective (gam t)) <= sqrt level + sigma * (level / kappa) * (INR l / INR m).
Proof.
  intros Hk Hlm Hs HP HP' Hstar. pose proof Hs as [Hs0 _].
  assert (Hroute : forall R0, objective R0 <= level -> exists J ctr, admissible m l J ctr (fun _ => 0) /\
    shrinks X R0 J ctr (fun _ => 0) /\
    deviation X B sigma (gain R0) R0 J ctr (fun _ => 0) <= sigma * (level / kappa) * (INR l / INR m)).
  { intros R0 HR0.
    destruct (R4_prune X m B sigma (gain R0) R0 l Hlm Hs (gain_nonneg X B opn lip Hg R0)) as (J & ctr & Ha & Hsh & _ & HD).
    exists J, ctr. split; [easy|]. split; [easy|]. eapply Rle_trans; [exact HD|].
    apply Rmult_le_compat_r.
    { apply Rmult_le_pos; [apply pos_INR|]. left. apply Rinv_0_lt_compat, lt_0_INR. lia. }
    apply Rmult_le_compat_l; [easy|]. fold (S_of R0).
    pose proof (squared_nonneg X (parallel X m B R0)). unfold objective in HR0.
    apply (Rmult_le_reg_l kappa); [easy|]. replace (kappa * (level / kappa)) with level by (field; lra).
    change (mass X m B (gain R0) R0) with (S_of R0). lra. }
  destruct (Hroute P HP) as (J & ctr & Ha & Hsh & HD).
  destruct (Hroute P' HP') as (J' & ctr' & Ha' & Hsh' & HD').
  apply (joined_path (sublevel (fun P => sqrt (objective P)) _)).
  eapply joined_mono;
    [|exact (C2_regularised l w v sigma P P' J J' ctr ctr' _ _ level Hlm Hs Ha Ha' Hsh Hsh' HP HP' Hstar)].
  intros R0 HR0. unfold sublevel in *. eapply Rle_trans; [exact HR0|].
  apply Rplus_le_compat_l. now apply Rmax_lub.
Qed.
End Regularised.
