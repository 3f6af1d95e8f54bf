(** What a route is, and T1 and C2 for whatever route empties the slots (blueprint, section 2). From the paper's
    abstract come only the object, the threshold and the rate; the statements in this form, the constants and the
    proofs are ours. One skeleton serves every route.

    Definitions: [freed], a route: a chain of segments from P, within d of P as a function, that leaves the slots J
    silent; [loss_of], a loss (or its square root) of a PARALLEL network; [loaded], the rows of g* on J (L9);
    [landing], then its readout on J, V = 0 elsewhere and U = 0: the weights that are g*.
    Statements: T1, C2. *)

From Coq Require Import Reals Lra Psatz List Permutation Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums paths.
From Skipscape.networks Require Import networks.
From Skipscape.lemmas Require Import perturb transfer readout losses slots.
Import ListNotations.
Open Scope R_scope.

Section Connectivity.
Variables (X : data) (m : nat) (B : branch).

(** a route: within distance d of P all along, the slots J end silent *)
Definition freed (d : R) (J : list nat) (P P' : param) : Prop :=
  joined (close X (parallel X m B) d P) P P' /\ silent P' J.

(** the loss or its square root, of a PARALLEL network *)
Definition loss_of (Phi : (nat -> vector) -> R) (P : param) : R := Phi (parallel X m B P).

Section Landing.
Variables (l : nat) (w v : matrix).

(** "load w* into the slots (L9), move (V, U) to (V* on J, 0)" *)
Definition loaded (J : list nat) (P : param) : param := load P J (fun j => w (pos j J)).
Definition landing (J : list nat) (P : param) : param :=
  readout (loaded J P) (fun j c => if mem j J then v (pos j J) c else 0) (fun _ _ => 0).

Lemma landing_placed J P : slots m l J ->
  placed m l w v (fun k => nth k J O) (landing J P).
Proof.
  intros (HN & HL & HJ). split; [|split; [|split]].
  - intros k Hk i. change (W (landing J P)) with (W (loaded J P)). unfold loaded, load; entries.
    rewrite (proj2 (mem_In _ J)) by (apply nth_In; lia). now rewrite pos_nth by (auto; lia).
  - intros k Hk c. unfold landing. rewrite V_readout.
    rewrite (proj2 (mem_In _ J)) by (apply nth_In; lia). now rewrite pos_nth by (auto; lia).
  - intros j Hj Hf c. unfold landing. rewrite V_readout.
    apply (list_free l J j HL) in Hf. apply mem_false in Hf. now rewrite Hf.
  - easy.
Qed.

Lemma landing_function J P : slots m l J ->
  parallel X m B (landing J P) = two_layer X l w v.
Proof.
  intros HJ. destruct (placed_copy X m B l w v _ _ (list_injective m l J HJ) (landing_placed J P HJ))
    as (HU & HF & _).
  now rewrite parallel_off.
Qed.

(** the last two segments, for any loss that has its maximum at the ends of readout lines *)
Lemma land Phi c J P : max_at_ends Phi -> slots m l J -> silent P J ->
  loss_of Phi P <= c -> Phi (two_layer X l w v) <= c ->
  joined (sublevel (loss_of Phi) c) P (landing J P).
Proof.
  intros HPhi HJ H0 HP Hstar.
  apply (joined_step _ P (loaded J P)).
  - intros t _. unfold sublevel, loss_of, loaded. now rewrite L9_silent.
  - apply joined_line. intros t Ht. unfold sublevel, loss_of, landing.
    replace (parallel X m B (lin t _ _)) with (fun k c => (1 - t) * parallel X m B (loaded J P) k c
      + t * parallel X m B (landing J P) k c) by (apply matrix_ext; intros; now rewrite L7_affine).
    eapply Rle_trans; [now apply HPhi|]. apply Rmax_lub.
    + unfold loaded. rewrite <- (lin_1 P (load P J _)), L9_silent by easy. exact HP.
    + now rewrite landing_function.
Qed.

Theorem T1_from_route Phi G d J P P' : tame X G Phi -> slots m l J -> 0 <= d -> freed d J P P' ->
  joined (sublevel (loss_of Phi) (Rmax (loss_of Phi P + G * d) (Phi (two_layer X l w v)))) P (landing J P').
Proof.
  intros (HG & HL8 & HL7) HJ Hd [Hpath H0].
  assert (Hclose : forall R0, close X (parallel X m B) d P R0 -> loss_of Phi R0 <= loss_of Phi P + G * d).
  { intros R0 HR0. unfold loss_of. eapply Rle_trans; [apply (HL8 _ (parallel X m B P))|].
    apply Rplus_le_compat_l, Rmult_le_compat_l; [easy | exact HR0]. }
  apply (joined_trans _ _ P').
  - eapply joined_mono; [|exact Hpath]. intros R0 HR0. unfold sublevel.
    eapply Rle_trans; [now apply Hclose | apply Rmax_l].
  - apply land; [easy.. | | apply Rmax_r].
    eapply Rle_trans; [|apply Rmax_l]. apply Hclose. now apply joined_end in Hpath.
Qed.

(** any two parameters for which a route is known; the weights inside the two branches may differ *)
Theorem C2_from_route Phi G d d' J J' P P' F F' lam : tame X G Phi -> (l < m)%nat ->
  slots m l J -> slots m l J' -> 0 <= d -> 0 <= d' -> freed d J P F -> freed d' J' P' F' ->
  loss_of Phi P <= lam -> loss_of Phi P' <= lam -> Phi (two_layer X l w v) <= lam ->
  joined (sublevel (loss_of Phi) (lam + G * Rmax d d')) P P'.
Proof.
  intros HPhi Hlm HJ HJ' Hd Hd' HF HF' HP HP' Hstar. pose proof HPhi as [HG _].
  pose proof (Rmax_l d d') as Hl. pose proof (Rmax_r d d') as Hr.
  pose proof (Rmult_le_compat_l _ _ _ HG Hl). pose proof (Rmult_le_compat_l _ _ _ HG Hr).
  pose proof (Rmult_le_pos _ _ HG Hd).
  assert (Hhalf : forall J0 P0 F0 d0, slots m l J0 -> 0 <= d0 -> d0 <= Rmax d d' -> freed d0 J0 P0 F0 ->
    loss_of Phi P0 <= lam -> joined (sublevel (loss_of Phi) (lam + G * Rmax d d')) P0 (landing J0 F0)).
  { intros J0 P0 F0 d0 HJ0 Hd0 Hle HF0 HP0.
    eapply joined_mono; [|exact (T1_from_route Phi G d0 J0 P0 F0 HPhi HJ0 Hd0 HF0)].
    intros R0 HR0. unfold sublevel in *. eapply Rle_trans; [exact HR0|].
    pose proof (Rmult_le_compat_l _ _ _ HG Hle). apply Rmax_lub; lra. }
  apply (joined_trans _ _ (landing J F)); [now apply (Hhalf J P F d)|].
  apply (joined_trans _ _ (landing J' F')); [|apply joined_sym; now apply (Hhalf J' P' F' d')].
  eapply joined_mono; [|exact (L9_permutation X m B l w v _ _ _ _ Hlm (list_injective m l J HJ)
    (list_injective m l J' HJ') (landing_placed J F HJ) (landing_placed J' F' HJ'))].
  intros R0 (HU & Hfun & _). unfold sublevel, loss_of. rewrite parallel_off, Hfun by easy. lra.
Qed.
End Landing.

(** * The route of L3 and L4 *)

Lemma freed_by_merging sigma lam l P J ctr cf :
  moment X sigma -> branch_gain X B P lam -> admissible m l J ctr cf ->
  freed (deviation X B sigma lam P J ctr cf) J P (transfer (merge P J ctr cf) J ctr cf).
Proof.
  intros Hs Hlam Ha. pose proof Ha as [(HN & _ & HJ) [Hc Hcf]].
  assert (Hd : 0 <= deviation X B sigma lam P J ctr cf).
  { apply deviation_nonneg; [apply Hs | now apply (branch_gain_nonneg X B P)]. }
  assert (H1 : forall t, 0 <= t <= 1 ->
    close X (parallel X m B) (deviation X B sigma lam P J ctr cf) P (lin t P (merge P J ctr cf))).
  { intros t Ht. eapply Rle_trans; [apply (L3_perturb X m B sigma lam); auto; lra|]. nra. }
  split.
  - apply (joined_step _ P (merge P J ctr cf)); [easy|]. apply joined_line. intros t _.
    unfold close. rewrite (L4_transfer X m B l) ; [|easy|].
    + rewrite <- (lin_1 P (merge P J ctr cf)). apply H1. lra.
    + intros j Hj i. destruct (Hc j Hj) as [_ Hout]. unfold merge; entries.
      apply mem_In in Hj. apply mem_false in Hout. now rewrite Hj, Hout.
  - intros j Hj. split; intros; now apply hand_off.
Qed.

(** the same by one segment *)
Lemma freed_by_fusing sigma lam l P J ctr cf :
  moment X sigma -> branch_gain X B P lam -> admissible m l J ctr cf ->
  freed (deviation X B sigma lam P J ctr cf) J P (transfer P J ctr cf).
Proof.
  intros Hs Hlam Ha. split.
  - apply joined_line. intros t Ht. eapply Rle_trans; [apply (L3_L4_fused X m B sigma lam l); auto; lra|].
    assert (0 <= deviation X B sigma lam P J ctr cf).
    { apply deviation_nonneg; [apply Hs | now apply (branch_gain_nonneg X B P)]. }
    nra.
  - intros j Hj. split; intros; now apply hand_off.
Qed.
End Connectivity.
