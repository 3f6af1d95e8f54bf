(** T7V [ours] (blueprint-2, section 1): with a live branch that has no kinks two neurons are played against one
    another, and the depth is of order m^-2 again, at any theta. PARALLEL, squared error, kappa = 0.

    Definitions: [bends], the branch has a Jacobian that is Lipschitz with constant beta in the operator norm; [fourth],
    tau^4 bounds the fourth moment of unit rows; [pair_factor], R7's factors of the outgoing weights of two neurons;
    [bend_constant], C; [one_unit_V], [one_unit_A], what the two change in V z and A z per unit of e; [slope_of], that
    of the output, to first order; [linear_branch],
    a branch that does not bend.
    Statements: T7V. *)

From Coq Require Import Reals Lra Psatz List Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums euclidean relu paths selection.
From Skipscape.networks Require Import networks.
From Skipscape.lemmas Require Import perturb losses slots smooth draw.
From Skipscape.routes Require Import route pairing.
From Skipscape.theorems Require Import one_slot emptying.
Import ListNotations.
Open Scope R_scope.

Section SmoothBranch.
Variables (X : data) (m : nat) (B : branch).
Notation net := (parallel X m B).
Notation loss P := (squared X (net P)).
Notation p := (outputs X).
Notation nin := (branch_in B).
Notation nout := (branch_out B).

(** "q with ||Dq(a) - Dq(b)|| <= beta_q ||a - b||" *)
Definition bends (q : nat -> matrix) (Dq : vector -> matrix) (beta : R) : Prop := 0 <= beta /\
  (forall a d s t, (s < nout)%nat -> derivable_pt_lim (fun t => act B q (fun i => a i + t * d i) s) t
    (\sum_(i < nin) (Dq (fun i => a i + t * d i) s i * d i))) /\
  forall a b, opnorm_le nout nin (fun s i => Dq a s i - Dq b s i) (beta * enorm nin (fun i => a i - b i)).

(** "tau^4 = sup over ||w|| = 1 of E (w.X)^4" *)
Definition fourth (tau : R) : Prop := 0 <= tau /\ forall v,
  \sum_(k < points X) (weight X k * (dot X v (input X k))^4) <= tau^4 * (enorm (seen X) v)^4.

(** Taylor's formula *)
Lemma taylor q Dq beta a d : bends q Dq beta ->
  enorm nout (fun s => act B q (fun i => a i + d i) s - act B q a s - \sum_(i < nin) (Dq a s i * d i))
  <= beta / 2 * (enorm nin d)^2.
Proof.
  intros (Hb & Hder & Hlip).
  set (r := fun s => act B q (fun i => a i + d i) s - act B q a s - \sum_(i < nin) (Dq a s i * d i)).
  set (N := enorm nout r). set (n := enorm nin d).
  set (g := fun t => \sum_(s < nout) (r s * (act B q (fun i => a i + t * d i) s - t * \sum_(i < nin) (Dq a s i * d i)))
    - t^2 * (beta / 2 * n^2 * N)).
  set (g' := fun t => \sum_(s < nout) (r s * (\sum_(i < nin) (Dq (fun i => a i + t * d i) s i * d i)
    - \sum_(i < nin) (Dq a s i * d i))) - 2 * t * (beta / 2 * n^2 * N)).
  assert (Hg : forall t, derivable_pt_lim g t (g' t)).
  { intros t. unfold g, g'.
    apply (derivable_pt_lim_minus (fun t => \sum_(s < nout) (r s * (act B q (fun i => a i + t * d i) s
      - t * \sum_(i < nin) (Dq a s i * d i)))) (fun t => t^2 * (beta / 2 * n^2 * N))).
    - assert (H : forall L, (forall s, In s L -> (s < nout)%nat) ->
        derivable_pt_lim (fun t => lsum L (fun s => r s * (act B q (fun i => a i + t * d i) s
          - t * \sum_(i < nin) (Dq a s i * d i)))) t
        (lsum L (fun s => r s * (\sum_(i < nin) (Dq (fun i => a i + t * d i) s i * d i)
          - \sum_(i < nin) (Dq a s i * d i))))).
      { induction L as [|s L IH]; intros HL; cbn [lsum]; [apply derivable_pt_lim_const|].
        apply (derivable_pt_lim_plus (fun t => r s * (act B q (fun i => a i + t * d i) s
          - t * \sum_(i < nin) (Dq a s i * d i)))); [|apply IH; intros; apply HL; now right].
        apply (derivable_pt_lim_scal (fun t => act B q (fun i => a i + t * d i) s
          - t * \sum_(i < nin) (Dq a s i * d i))).
        apply (derivable_pt_lim_minus (fun t => act B q (fun i => a i + t * d i) s)
          (fun t => t * \sum_(i < nin) (Dq a s i * d i))); [apply Hder, HL; now left|].
        set (c := \sum_(i < nin) (Dq a s i * d i)).
        pose proof (derivable_pt_lim_mult id (fun _ => c) t 1 0 (derivable_pt_lim_id t) (derivable_pt_lim_const c t))
          as Hm. unfold mult_fct, id in Hm. replace (1 * c + t * 0) with c in Hm by ring. exact Hm. }
      apply H. intros s Hs. now apply in_rng.
    - set (c := beta / 2 * n^2 * N).
      pose proof (derivable_pt_lim_mult (fun t => t^2) (fun _ => c) t (2 * t) 0) as Hm. unfold mult_fct in Hm.
      replace (2 * t * c) with (2 * t * c + t^2 * 0) by ring. apply Hm; [|apply derivable_pt_lim_const].
      pose proof (derivable_pt_lim_pow t 2) as Hp. simpl in Hp. replace (2 * t) with ((1 + 1) * (t * 1)) by ring.
      exact Hp. }
  destruct (MVT_cor2 g g' 0 1 Rlt_0_1 (fun c _ => Hg c)) as (c & Hc & Hc01).
  assert (Hneg : g' c <= 0).
  { unfold g'. set (v := fun s => \sum_(i < nin) (Dq (fun i => a i + c * d i) s i * d i) - \sum_(i < nin) (Dq a s i * d i)).
    assert (Hv : enorm nout v <= c * (beta * n^2)).
    { destruct (Hlip (fun i => a i + c * d i) a) as [_ H]. specialize (H d).
      rewrite (enorm_ext nin (fun i => a i + c * d i - a i) (fun i => c * d i)) in H by (intros; ring).
      rewrite enorm_scal_pos in H by lra. fold n in H.
      rewrite (enorm_ext nout _ v) in H; [|intros s _; unfold v; rewrite <- lsum_minus; apply lsum_ext; intros; ring].
      eapply Rle_trans; [exact H|]. right. ring. }
    pose proof (inner_le_norms nout r v) as Hi. fold N in Hi.
    change (\sum_(s < nout) (r s * v s) - 2 * c * (beta / 2 * n^2 * N) <= 0).
    assert (HN : 0 <= N) by apply enorm_nonneg. pose proof (Rmult_le_compat_l N _ _ HN Hv). lra. }
  assert (Hdiff : N^2 - beta / 2 * n^2 * N <= 0).
  { replace (N^2 - beta / 2 * n^2 * N) with (g 1 - g 0); [lra|]. unfold g, N. rewrite enorm_sq.
    match goal with |- ?A - ?B - (?C - ?D) = ?E - ?F => replace (A - B - (C - D)) with ((A - C) - B)
      by (replace D with 0 by ring; ring) end.
    rewrite <- lsum_minus. f_equal; [|ring]. apply lsum_ext; intros s _.
    replace (fun i => a i + 1 * d i) with (fun i => a i + d i) by (apply functional_extensionality; intros; ring).
    replace (fun i => a i + 0 * d i) with a by (apply functional_extensionality; intros; ring).
    unfold r. ring. }
  assert (HN : 0 <= N) by apply enorm_nonneg. fold N n. assert (Hq : 0 <= beta / 2 * n^2) by (pose proof (pow2_ge_0 n); nra).
  destruct (Req_dec N 0) as [E|E]; [rewrite E; exact Hq|]. nra.
Qed.

Section Pair.
Variables (P : param) (sigma tau u lip lam beta : R) (Dq : vector -> matrix) (i j : nat).
Hypothesis Elam : lam = u * lip.
Hypothesis Hs : moment X sigma.
Hypothesis Htau : fourth tau.
Hypothesis Hu : opnorm_le p nout (U P) u.
Hypothesis Hl : lipschitz B (Q P) lip.
Hypothesis Hlam : 0 < lam.
Hypothesis Hq : bends (Q P) Dq beta.
Hypothesis Hi : (i < m)%nat.
Hypothesis Hj : (j < m)%nat.
Hypothesis Hij : i <> j.
Notation mass_of k := (neuron_mass X B lam P k).
Hypothesis Hsi : 0 < mass_of i.
Hypothesis Hsj : 0 < mass_of j.

Definition pair_factor (e : R) (k : nat) : R :=
  if Nat.eqb k j then 1 + e / mass_of j else if Nat.eqb k i then 1 - e / mass_of i else 1.
Definition one_unit_V (k c : nat) : R :=
  / mass_of j * (V P j c * feature X P k j) - / mass_of i * (V P i c * feature X P k i).
Definition one_unit_A (k a : nat) : R :=
  / mass_of j * (A P j a * feature X P k j) - / mass_of i * (A P i a * feature X P k i).
Definition slope_of (k c : nat) : R := one_unit_V k c
  + \sum_(s < nout) (U P c s * \sum_(a < nin) (Dq (reading X m P k) s a * one_unit_A k a)).

Lemma pair_gain : branch_gain X B P lam.
Proof. exists u, lip. easy. Qed.

Lemma pair_sum (M : matrix) (z : vector) e t a :
  \sum_(k < m) (((1 - t) * M k a + t * (pair_factor e k * M k a)) * z k)
  = \sum_(k < m) (M k a * z k) + t * e * (/ mass_of j * (M j a * z j) - / mass_of i * (M i a * z i)).
Proof.
  rewrite (lsum_ext _ _ (fun k => M k a * z k + ((if Nat.eqb j k then t * (e / mass_of j) * (M k a * z k) else 0)
    - (if Nat.eqb i k then t * (e / mass_of i) * (M k a * z k) else 0)))).
  - rewrite lsum_plus, lsum_minus.
    rewrite (lsum_delta m j (fun k => t * (e / mass_of j) * (M k a * z k)) Hj).
    rewrite (lsum_delta m i (fun k => t * (e / mass_of i) * (M k a * z k)) Hi). unfold Rdiv. ring.
  - intros k _. unfold pair_factor. rewrite (Nat.eqb_sym j k), (Nat.eqb_sym i k).
    destruct (Nat.eqb_spec k j) as [Hkj|Hkj]; destruct (Nat.eqb_spec k i) as [Hki|Hki]; try congruence;
      rewrite ?Hkj, ?Hki; ring.
Qed.

Lemma pair_skip e t k c : skip X m (lin t P (scale P (pair_factor e))) k c = skip X m P k c + t * e * one_unit_V k c.
Proof.
  unfold skip, one_unit_V. rewrite <- (pair_sum (V P) (feature X P k) e t c). apply lsum_ext; intros l _.
  rewrite (feature_ext X (lin t P (scale P (pair_factor e))) P) by (intros; unfold scale; entries; ring).
  unfold scale; entries. ring.
Qed.

Lemma pair_reading e t k a :
  reading X m (lin t P (scale P (pair_factor e))) k a = reading X m P k a + t * e * one_unit_A k a.
Proof.
  unfold reading, one_unit_A. rewrite <- (pair_sum (A P) (feature X P k) e t a). apply lsum_ext; intros l _.
  rewrite (feature_ext X (lin t P (scale P (pair_factor e))) P) by (intros; unfold scale; entries; ring).
  unfold scale; entries. ring.
Qed.

Lemma pair_U e t : U (lin t P (scale P (pair_factor e))) = U P.
Proof. apply matrix_ext; intros. unfold scale; entries; ring. Qed.

Lemma pair_Q e t : Q (lin t P (scale P (pair_factor e))) = Q P.
Proof. apply functional_extensionality; intros. apply matrix_ext; intros. unfold scale; entries; ring. Qed.

(** norms of the two shares of a pair *)
Lemma unit_move n (M : matrix) : l2norm X n (fun k c => / mass_of j * (M j c * feature X P k j)
    - / mass_of i * (M i c * feature X P k i))
  <= / mass_of j * (enorm n (M j) * (sigma * enorm (seen X) (W P j)))
     + / mass_of i * (enorm n (M i) * (sigma * enorm (seen X) (W P i))).
Proof.
  assert (Hf : forall l, pnorm X (fun k => feature X P k l) <= sigma * enorm (seen X) (W P l)).
  { intros l. eapply Rle_trans; [|apply (moment_norm X sigma Hs (W P l))]. apply wnorm_mono; [apply weight_nonneg|].
    intros k _. unfold feature. pose proof (L1b_lipschitz (dot X (W P l) (input X k)) 0) as H.
    rewrite (relu_pos 0), !Rminus_0_r in H by lra. exact H. }
  assert (H1 : forall l, 0 < mass_of l -> l2norm X n (fun k c => / mass_of l * (M l c * feature X P k l))
    <= / mass_of l * (enorm n (M l) * (sigma * enorm (seen X) (W P l)))).
  { intros l Hl0. assert (0 <= / mass_of l) by (left; now apply Rinv_0_lt_compat).
    rewrite (l2norm_scal_pos X n (/ mass_of l) (fun k c => M l c * feature X P k l)) by easy.
    apply Rmult_le_compat_l; [easy|].
    pose proof (l2norm_rank1_sum X n [l] (fun l k => feature X P k l) M) as H'. cbn [lsum] in H'.
    rewrite Rplus_0_r in H'. replace (fun k c => M l c * feature X P k l + 0) with
      (fun k c => M l c * feature X P k l) in H' by (apply matrix_ext; intros; ring).
    eapply Rle_trans; [exact H'|]. apply Rmult_le_compat_l; [apply enorm_nonneg | apply Hf]. }
  replace (fun k c => / mass_of j * (M j c * feature X P k j) - / mass_of i * (M i c * feature X P k i))
    with (fun k c => / mass_of j * (M j c * feature X P k j) + - (/ mass_of i * (M i c * feature X P k i)))
    by (apply matrix_ext; intros; ring).
  eapply Rle_trans; [apply l2norm_triangle|]. rewrite (l2norm_opp X n (fun k c => / mass_of i * _)).
  apply Rplus_le_compat; now apply H1.
Qed.

(** "f moves by at most 2 sigma t |e|: the two shares of a neuron add up to one" *)
Lemma pair_move e t : 0 <= t ->
  fnorm X (fun k c => net (lin t P (scale P (pair_factor e))) k c - net P k c) <= 2 * sigma * (t * Rabs e).
Proof.
  intros Ht. set (T := lin t P (scale P (pair_factor e))).
  eapply Rle_trans; [apply (parallel_move X m B P T lam pair_gain); [apply pair_U | apply pair_Q]|].
  assert (Habs : forall n (F G : nat -> vector), (forall k c, F k c = t * e * G k c) ->
    l2norm X n F = t * Rabs e * l2norm X n G).
  { intros n F G E. replace F with (fun k c => t * e * G k c) by (apply matrix_ext; intros; now rewrite E).
    unfold l2norm. rewrite (wnorm_scal _ _ (t * e) (fun kc => G (fst kc) (snd kc))), Rabs_mult, (Rabs_right t) by lra.
    easy. }
  rewrite (Habs p _ one_unit_V) by (intros; unfold T; rewrite pair_skip; ring).
  rewrite (Habs nin _ one_unit_A) by (intros; unfold T; rewrite pair_reading; ring).
  pose proof (unit_move p (V P)) as HV. pose proof (unit_move nin (A P)) as HA.
  fold one_unit_V in HV. fold one_unit_A in HA.
  apply (Rmult_le_compat_l lam) in HA; [|lra].
  assert (Hte : 0 <= t * Rabs e) by (apply Rmult_le_pos; [easy | apply Rabs_pos]).
  assert (Hshare : forall l, 0 < mass_of l -> / mass_of l * (enorm p (V P l) * (sigma * enorm (seen X) (W P l)))
    + lam * (/ mass_of l * (enorm nin (A P l) * (sigma * enorm (seen X) (W P l)))) = sigma).
  { intros l Hl0.
    replace (/ mass_of l * (enorm p (V P l) * (sigma * enorm (seen X) (W P l)))
      + lam * (/ mass_of l * (enorm nin (A P l) * (sigma * enorm (seen X) (W P l)))))
      with (/ mass_of l * mass_of l * sigma) by (unfold neuron_mass; ring).
    field. lra. }
  pose proof (Hshare i Hsi) as E1. pose proof (Hshare j Hsj) as E2.
  assert (Hsum : l2norm X p one_unit_V + lam * l2norm X nin one_unit_A <= 2 * sigma) by lra.
  apply (Rmult_le_compat_l (t * Rabs e)) in Hsum; [|easy]. lra.
Qed.

(** the fourth moment of one share of A z *)
Lemma share_fourth l : 0 < mass_of l -> \sum_(k < points X) (weight X k *
  (/ mass_of l * (enorm nin (A P l) * feature X P k l))^4) <= (tau / lam)^4.
Proof.
  intros Hl0. set (b := / mass_of l * enorm nin (A P l)). destruct Htau as [Ht0 H4].
  assert (Hb : 0 <= b) by (apply Rmult_le_pos; [left; now apply Rinv_0_lt_compat | apply enorm_nonneg]).
  apply Rle_trans with (b^4 * \sum_(k < points X) (weight X k * (dot X (W P l) (input X k))^4)).
  - rewrite <- lsum_scal. apply lsum_le; intros k _.
    replace ((/ mass_of l * (enorm nin (A P l) * feature X P k l))^4) with (b^4 * (feature X P k l)^4)
      by (unfold b; ring).
    assert (Hf : (feature X P k l)^4 <= (dot X (W P l) (input X k))^4).
    { unfold feature. set (z := dot X (W P l) (input X k)). destruct (Rle_dec 0 z) as [h|h].
      - rewrite relu_pos by easy. apply Rle_refl.
      - rewrite relu_neg by lra. replace (z^4) with ((z^2)^2) by ring. replace (0^4) with 0 by ring. apply pow2_ge_0. }
    assert (Hwb : 0 <= weight X k * b^4) by (apply Rmult_le_pos; [apply weight_nonneg | now apply pow_le]).
    apply (Rmult_le_compat_l _ _ _ Hwb) in Hf. lra.
  - eapply Rle_trans; [apply Rmult_le_compat_l; [now apply pow_le | apply H4]|].
    rewrite <- !Rpow_mult_distr. apply pow_incr. split.
    { apply Rmult_le_pos; [exact Hb|]. apply Rmult_le_pos; [exact Ht0 | apply enorm_nonneg]. }
    apply (Rmult_le_reg_r lam); [lra|]. replace (tau / lam * lam) with tau by (field; lra).
    assert (Hshare : b * enorm (seen X) (W P l) * lam <= 1).
    { unfold b. apply (Rmult_le_reg_l (mass_of l)); [easy|].
      replace (mass_of l * (/ mass_of l * enorm nin (A P l) * enorm (seen X) (W P l) * lam))
        with (enorm (seen X) (W P l) * (lam * enorm nin (A P l))) by (field; lra).
      rewrite Rmult_1_r. unfold neuron_mass. rewrite Rmult_plus_distr_l.
      assert (0 <= enorm (seen X) (W P l) * enorm p (V P l)) by (apply Rmult_le_pos; apply enorm_nonneg). lra. }
    apply (Rmult_le_compat_l tau) in Hshare; [|easy]. lra.
Qed.

Lemma change_fourth : pnorm X (fun k => (enorm nin (one_unit_A k))^2) <= 4 * (tau^2 / lam^2).
Proof.
  destruct Htau as [Ht0 _]. 
  set (g := fun l k => / mass_of l * (enorm nin (A P l) * feature X P k l)).
  assert (Hg0 : forall l k, 0 < mass_of l -> 0 <= g l k).
  { intros l k Hl0. unfold g. repeat apply Rmult_le_pos;
      [left; now apply Rinv_0_lt_compat | apply enorm_nonneg | apply feature_nonneg]. }
  assert (Hpt : forall k, enorm nin (one_unit_A k) <= g j k + g i k).
  { intros k. unfold one_unit_A.
    rewrite (enorm_ext nin _ (fun a => (/ mass_of j * feature X P k j) * A P j a
      + - ((/ mass_of i * feature X P k i) * A P i a))) by (intros; ring).
    eapply Rle_trans; [apply enorm_triangle|]. unfold enorm at 2. rewrite wnorm_opp.
    fold (enorm nin (fun a => / mass_of i * feature X P k i * A P i a)).
    rewrite !enorm_scal_pos by (apply Rmult_le_pos; [left; now apply Rinv_0_lt_compat | apply feature_nonneg]).
    unfold g. right. ring. }
  assert (Hq4 : forall x y : R, (x + y)^4 <= 8 * (x^4 + y^4)).
  { intros x y. assert (H1 : (x + y)^2 <= 2 * (x^2 + y^2)) by (pose proof (pow2_ge_0 (x - y)); nra).
    assert (H2 : ((x + y)^2)^2 <= (2 * (x^2 + y^2))^2) by (apply pow_incr; split; [apply pow2_ge_0 | exact H1]).
    assert (H3 : (x^2 + y^2)^2 <= 2 * (x^4 + y^4)) by (pose proof (pow2_ge_0 (x^2 - y^2)); nra).
    replace ((x + y)^4) with (((x + y)^2)^2) by ring.
    replace ((2 * (x^2 + y^2))^2) with (4 * (x^2 + y^2)^2) in H2 by ring. lra. }
  assert (E : 4 * (tau^2 / lam^2) = (2 * (tau / lam))^2) by (field; lra).
  apply wnorm_le_sq.
  - rewrite E. apply pow2_ge_0.
  - apply Rle_trans with (\sum_(k < points X) (weight X k * (8 * ((g j k)^4 + (g i k)^4)))).
    + apply lsum_le; intros k _. apply Rmult_le_compat_l; [apply weight_nonneg|].
      eapply Rle_trans; [|apply Hq4]. replace (((enorm nin (one_unit_A k))^2)^2) with ((enorm nin (one_unit_A k))^4) by ring.
      apply pow_incr. split; [apply enorm_nonneg | apply Hpt].
    + rewrite (lsum_ext _ _ (fun k => 8 * (weight X k * (g j k)^4 + weight X k * (g i k)^4))) by (intros; ring).
      rewrite lsum_scal, lsum_plus. pose proof (share_fourth i Hsi). pose proof (share_fourth j Hsj). fold (g i) in *.
      unfold g. rewrite E. replace (((2 * (tau / lam))^2)^2) with (16 * (tau / lam)^4) by ring. lra.
Qed.

Definition bend_constant : R := 4 * sigma^2 + 4 * sqrt (loss P) * (u * beta * tau^2 / lam^2).

Lemma bend_constant_nonneg : 0 <= bend_constant.
Proof.
  destruct Htau as [Ht0 _]. destruct Hq as (Hb & _). destruct Hu as [Hu0 _]. unfold bend_constant.
  assert (0 <= u * beta * tau^2 / lam^2).
  { apply Rmult_le_pos; [apply Rmult_le_pos; [now apply Rmult_le_pos | apply pow2_ge_0]|].
    left. apply Rinv_0_lt_compat, pow_lt. exact Hlam. }
  pose proof (sqrt_pos (loss P)). pose proof (pow2_ge_0 sigma). nra.
Qed.

(** "L(t) - L <= 2 t e <R, l> + C t^2 e^2" *)
Lemma pair_loss e t : 0 <= t -> loss (lin t P (scale P (pair_factor e)))
  <= loss P + 2 * (t * e) * inner X (fun k c => net P k c - target X k c) slope_of + bend_constant * (t * e)^2.
Proof.
  intros Ht. set (T := lin t P (scale P (pair_factor e))). set (Rs := fun k c => net P k c - target X k c).
  set (rest := fun k c => net T k c - net P k c - t * e * slope_of k c).
  destruct Htau as [Ht0 _]. destruct Hq as (Hb & _). destruct Hu as [Hu0 HuM].
  assert (HnT : net T = fun k c => net P k c + 1 * (net T k c - net P k c)) by (apply matrix_ext; intros; ring).
  rewrite HnT, squared_shift. fold Rs.
  assert (Hin : inner X Rs (fun k c => net T k c - net P k c) = t * e * inner X Rs slope_of + inner X Rs rest).
  { rewrite <- inner_scal, <- inner_plus. f_equal. apply matrix_ext; intros. unfold rest. ring. }
  rewrite Hin.
  assert (Hub : 0 <= u * (beta / 2) * (t * e)^2)
    by (apply Rmult_le_pos; [apply Rmult_le_pos; lra | apply pow2_ge_0]).
  assert (Hrest : fnorm X rest <= u * (beta / 2) * (t * e)^2 * (4 * (tau^2 / lam^2))).
  { unfold fnorm. rewrite l2norm_iter.
    apply Rle_trans with (pnorm X (fun k => u * (beta / 2) * (t * e)^2 * (enorm nin (one_unit_A k))^2)).
    - apply wnorm_mono; [apply weight_nonneg|]. intros k _.
      rewrite Rabs_right by (apply Rle_ge, enorm_nonneg).
      rewrite Rabs_right by (apply Rle_ge, Rmult_le_pos; [exact Hub | apply pow2_ge_0]).
      set (d := fun a => t * e * one_unit_A k a).
      pose proof (taylor (Q P) Dq beta (reading X m P k) d Hq) as Hty.
      set (rs := fun s => act B (Q P) (fun a => reading X m P k a + d a) s - act B (Q P) (reading X m P k) s
        - \sum_(a < nin) (Dq (reading X m P k) s a * d a)) in *.
      rewrite (enorm_ext p (rest k) (fun c => \sum_(s < nout) (U P c s * rs s))).
      + eapply Rle_trans; [apply HuM|].
        assert (En : (enorm nin d)^2 = (t * e)^2 * (enorm nin (one_unit_A k))^2).
        { rewrite !enorm_sq, <- lsum_scal. apply lsum_ext; intros. unfold d. ring. }
        rewrite En in Hty. apply (Rmult_le_compat_l u) in Hty; [|easy]. lra.
      + intros c _. unfold rest, parallel. unfold T at 1. rewrite pair_skip. unfold slope_of, deep, T.
        rewrite pair_U, pair_Q.
        replace (reading X m (lin t P (scale P (pair_factor e))) k) with (fun a => reading X m P k a + d a)
          by (apply functional_extensionality; intros a; now rewrite pair_reading).
        rewrite (lsum_ext _ (fun s => U P c s * rs s) (fun s => (U P c s * act B (Q P) (fun a => reading X m P k a + d a) s
          - U P c s * act B (Q P) (reading X m P k) s)
          - t * e * (U P c s * \sum_(a < nin) (Dq (reading X m P k) s a * one_unit_A k a)))).
        * rewrite lsum_minus, lsum_minus, lsum_scal. ring.
        * intros s _. unfold rs, d. rewrite (lsum_ext _ (fun a => Dq (reading X m P k) s a * (t * e * one_unit_A k a))
            (fun a => t * e * (Dq (reading X m P k) s a * one_unit_A k a))) by (intros; ring).
          rewrite lsum_scal. ring.
    - unfold pnorm. rewrite wnorm_scal_pos by exact Hub. apply Rmult_le_compat_l; [exact Hub | apply change_fourth]. }
  pose proof (inner_le X Rs rest) as Hcs. assert (HR : fnorm X Rs = sqrt (loss P)) by (now rewrite sqrt_squared).
  rewrite HR in Hcs. pose proof (sqrt_pos (loss P)) as Hr0.
  apply (Rmult_le_compat_l (sqrt (loss P))) in Hrest; [|easy].
  pose proof (pair_move e t Ht) as Hmove. fold T in Hmove.
  assert (Hsq : (fnorm X (fun k c => net T k c - net P k c))^2 <= 4 * sigma^2 * (t * e)^2).
  { apply Rle_trans with ((2 * sigma * (t * Rabs e))^2); [apply pow_incr; split; [apply fnorm_nonneg | exact Hmove]|].
    right. replace ((t * e)^2) with (t^2 * (Rabs e)^2) by (rewrite pow2_abs; ring). ring. }
  unfold bend_constant.
  replace (4 * sqrt (loss P) * (u * beta * tau^2 / lam^2) * (t * e)^2)
    with (2 * (sqrt (loss P) * (u * (beta / 2) * (t * e)^2 * (4 * (tau^2 / lam^2))))) by (field; lra).
  set (q4 := sqrt (loss P) * (u * (beta / 2) * (t * e)^2 * (4 * (tau^2 / lam^2)))) in *.
  assert (Hc : (4 * sigma^2 + 4 * sqrt (loss P) * (u * beta * tau^2 / lam^2)) * (t * e)^2
    = 4 * sigma^2 * (t * e)^2 + 2 * q4) by (unfold q4; field; lra).
  rewrite Hc. lra.
Qed.

(** one of the two neurons dies within C s_i s_j *)
Lemma pair_dies : exists P' l, (l < m)%nat /\ silent P' [l] /\
  joined (sublevel (loss_of X m B (squared X)) (loss P + bend_constant * (mass_of i * mass_of j))) P P' /\
  loss P' <= loss P + bend_constant * (mass_of i * mass_of j).
Proof.
  set (g := inner X (fun k c => net P k c - target X k c) slope_of). set (C := bend_constant).
  assert (HC : 0 <= C) by apply bend_constant_nonneg.
  assert (Hchoice : forall e, 2 * e * g + C * e^2 <= C * (mass_of i * mass_of j) -> forall t, 0 <= t <= 1 ->
    loss (lin t P (scale P (pair_factor e))) <= loss P + C * (mass_of i * mass_of j)).
  { intros e He t Ht. eapply Rle_trans; [apply pair_loss; lra|]. fold g C.
    assert (Hb : 0 <= C * (mass_of i * mass_of j)) by (apply Rmult_le_pos; [easy | apply Rmult_le_pos; lra]).
    assert (H1 : t * (2 * e * g + C * e^2) <= t * (C * (mass_of i * mass_of j))) by (apply Rmult_le_compat_l; lra).
    assert (H2 : t * (C * (mass_of i * mass_of j)) <= C * (mass_of i * mass_of j)) by nra.
    assert (H3 : 0 <= C * e^2 * (t * (1 - t))).
    { apply Rmult_le_pos; [apply Rmult_le_pos; [easy | apply pow2_ge_0] | apply Rmult_le_pos; lra]. }
    lra. }
  assert (Hdead : forall e l, (l < m)%nat -> pair_factor e l = 0 ->
    2 * e * g + C * e^2 <= C * (mass_of i * mass_of j) -> exists P' l, (l < m)%nat /\ silent P' [l] /\
    joined (sublevel (loss_of X m B (squared X)) (loss P + C * (mass_of i * mass_of j))) P P' /\
    loss P' <= loss P + C * (mass_of i * mass_of j)).
  { intros e l Hlm H0 He. exists (scale P (pair_factor e)), l. split; [easy|]. split; [|split].
    - intros k [<-|[]]. split; intros; unfold scale; entries; rewrite H0; ring.
    - apply joined_line. intros t Ht. unfold sublevel, loss_of. now apply Hchoice.
    - rewrite <- (lin_1 P (scale P (pair_factor e))). apply Hchoice; [easy | lra]. }
  destruct (Rle_dec (2 * mass_of i * g + C * (mass_of i)^2) (C * (mass_of i * mass_of j))) as [H|H].
  - apply (Hdead (mass_of i) i Hi); [|exact H]. unfold pair_factor. rewrite (proj2 (Nat.eqb_neq i j) Hij), Nat.eqb_refl.
    field. lra.
  - apply (Hdead (- mass_of j) j Hj).
    + unfold pair_factor. rewrite Nat.eqb_refl. field. lra.
    + apply Rnot_le_lt in H.
      assert (Hpos : 0 < 2 * g + C * (mass_of i - mass_of j)).
      { apply (Rmult_lt_reg_l (mass_of i)); [easy|]. lra. }
      assert (0 <= mass_of j * (2 * g + C * (mass_of i - mass_of j))) by (apply Rmult_le_pos; lra). lra.
Qed.
End Pair.

(** "depth <= C s_i s_j for any two neurons i and j" *)
Theorem T7V_pair l w v sigma tau u lip beta Dq P i j K : moment X sigma -> fourth tau -> opnorm_le p nout (U P) u ->
  lipschitz B (Q P) lip -> 0 < u * lip -> bends (Q P) Dq beta -> (i < m)%nat -> (j < m)%nat -> i <> j ->
  variance X l w v <= K^2 -> 0 <= K ->
  let d := bend_constant P sigma tau u (u * lip) beta
    * (neuron_mass X B (u * lip) P i * neuron_mass X B (u * lip) P j) in
  K * sqrt d < loss P - sqrt (loss P * squared X (two_layer X l w v)) ->
  depth_at_most (fun P => loss P) P d.
Proof.
  intros Hs Htau Hu Hl Hlam Hq Hi Hj Hij Hv HK d Hthr.
  assert (Hgain : branch_gain X B P (u * lip)) by (exists u, lip; easy).
  pose proof (neuron_mass_nonneg X B (u * lip) P i ltac:(lra)) as Hi0.
  pose proof (neuron_mass_nonneg X B (u * lip) P j ltac:(lra)) as Hj0.
  assert (HC : 0 <= bend_constant P sigma tau u (u * lip) beta).
  { now apply (bend_constant_nonneg P sigma tau u (u * lip) beta Dq). }
  assert (Hd : 0 <= d) by (apply Rmult_le_pos; [easy | now apply Rmult_le_pos]).
  assert (Hstep : exists P' n, (n < m)%nat /\ silent P' [n] /\
    joined (sublevel (loss_of X m B (squared X)) (loss P + d)) P P' /\ loss P' <= loss P + d).
  { assert (Hfree : forall n, (n < m)%nat -> neuron_mass X B (u * lip) P n = 0 -> exists P' n, (n < m)%nat /\
      silent P' [n] /\ joined (sublevel (loss_of X m B (squared X)) (loss P + d)) P P' /\ loss P' <= loss P + d).
    { intros n Hn E. destruct (emptied_freed X m B sigma (u * lip) P n Hs Hgain Hn) as [Hp H0].
      rewrite E, Rmult_0_r in Hp.
      assert (Hsame : forall T, close X net 0 P T -> loss T <= loss P + d).
      { intros T HT. unfold close in HT.
        pose proof (L8_squared X (net P) (fun k c => net T k c - net P k c)) as H8. cbv beta in H8.
        replace (fun k c => net P k c + (net T k c - net P k c)) with (net T) in H8 by (apply matrix_ext; intros; ring).
        assert (sqrt (loss T) <= sqrt (loss P)) by lra.
        assert ((sqrt (loss T))^2 <= (sqrt (loss P))^2) by (apply pow_incr; split; [apply sqrt_pos | easy]).
        rewrite !pow2_sqrt in H1 by apply squared_nonneg. lra. }
      exists (emptied P n), n. split; [easy|]. split; [easy|]. split.
      - eapply joined_mono; [|exact Hp]. exact Hsame.
      - apply Hsame. now apply joined_end in Hp. }
    destruct (Req_dec (neuron_mass X B (u * lip) P i) 0) as [Ei|Ei]; [now apply (Hfree i)|].
    destruct (Req_dec (neuron_mass X B (u * lip) P j) 0) as [Ej|Ej]; [now apply (Hfree j)|].
    apply (pair_dies P sigma tau u lip (u * lip) beta Dq i j); try easy; lra. }
  destruct Hstep as (P' & n & Hn & H0 & Hpath & Hlow).
  replace d with ((loss P + d) - loss P) by ring.
  apply (T7_threshold X m B l w v P P' n (loss P + d) K (sqrt d) Hn); try easy; [|apply sqrt_pos].
  now rewrite pow2_sqrt.
Qed.

(** the two lightest: "hence <= C (S/m)^2" *)
Lemma two_lightest (s : nat -> R) : (2 <= m)%nat -> (forall k, 0 <= s k) -> exists i j, (i < m)%nat /\ (j < m)%nat /\
  i <> j /\ s i * s j <= (\sum_(k < m) (s k) / INR m)^2.
Proof.
  intros Hm Hs. set (S := \sum_(k < m) (s k)) in *.
  assert (HmR : 2 <= INR m) by (change 2 with (INR 2); now apply le_INR).
  destruct (selection.lightest s m 2 Hm) as (J & HN & HL & HJ & Hle).
  destruct J as [|a [|b [|c J]]]; simpl in HL; try lia. inversion_clear HN as [|? ? Ha Hb].
  assert (Hab : a <> b) by (intros ->; apply Ha; now left).
  exists a, b. split; [apply HJ; now left|]. split; [apply HJ; right; now left|]. split; [easy|].
  (* every other slot is at least as heavy as both *)
  assert (Hsum : S = (s a + s b) + \sum_(k < m) (if mem k [a; b] then 0 else s k)).
  { unfold S. rewrite (lsum_split m [a; b] s); [cbn [lsum]; ring | | exact HJ].
    constructor; [easy|]. exact Hb. }
  set (h := Rmax (s a) (s b)).
  assert (Hrest : (INR m - 2) * h <= \sum_(k < m) (if mem k [a; b] then 0 else s k)).
  { apply Rle_trans with (\sum_(k < m) (if mem k [a; b] then 0 else h)).
    - right. assert (E : INR m * h = (h + h) + \sum_(k < m) (if mem k [a; b] then 0 else h)).
      { rewrite <- (seq_length m 0) at 1. rewrite <- lsum_const, (lsum_split m [a; b] (fun _ => h));
          [cbn [lsum]; ring | | exact HJ]. constructor; [easy|]. exact Hb. }
      lra.
    - apply lsum_le; intros k Hk. apply in_rng in Hk. destruct (mem k [a; b]) eqn:E; [lra|]. apply mem_false in E.
      unfold h. apply Rmax_lub; apply Hle; simpl; auto. }
  assert (Hh : s a <= h /\ s b <= h) by (split; [apply Rmax_l | apply Rmax_r]).
  assert (Hlow : exists lo, 0 <= lo /\ lo <= h /\ s a * s b = lo * h /\ s a + s b = lo + h).
  { unfold h, Rmax. destruct (Rle_dec (s a) (s b)); [exists (s a) | exists (s b)]; repeat split; try lra; auto. }
  destruct Hlow as (lo & Hlo0 & Hloh & E1 & E2). rewrite E1.
  assert (HS : lo + (INR m - 1) * h <= S) by lra.
  set (M := INR m) in *.
  assert (Hx : lo * h * M^2 <= (lo + (M - 1) * h)^2).
  { assert (E : (lo + (M - 1) * h)^2 - lo * h * M^2 = (h - lo) * ((M - 1)^2 * h - lo)) by ring.
    assert (0 <= (h - lo) * ((M - 1)^2 * h - lo)); [|lra]. apply Rmult_le_pos; [lra|].
    assert (1 <= (M - 1)^2) by nra. nra. }
  assert (Hy : (lo + (M - 1) * h)^2 <= S^2) by (apply pow_incr; split; [nra | exact HS]).
  apply (Rmult_le_reg_r (M^2)); [nra|]. replace ((S / M)^2 * M^2) with (S^2) by (field; lra). lra.
Qed.

Theorem T7V_rate l w v sigma tau u lip beta Dq P K : (2 <= m)%nat -> moment X sigma -> fourth tau ->
  opnorm_le p nout (U P) u -> lipschitz B (Q P) lip -> 0 < u * lip -> bends (Q P) Dq beta ->
  variance X l w v <= K^2 -> 0 <= K ->
  let d := bend_constant P sigma tau u (u * lip) beta * (mass X m B (u * lip) P / INR m)^2 in
  K * sqrt d < loss P - sqrt (loss P * squared X (two_layer X l w v)) ->
  depth_at_most (fun P => loss P) P d.
Proof.
  intros Hm Hs Htau Hu Hl Hlam Hq Hv HK d Hthr.
  assert (HC : 0 <= bend_constant P sigma tau u (u * lip) beta) by now apply (bend_constant_nonneg P sigma tau u (u * lip) beta Dq).
  destruct (two_lightest (neuron_mass X B (u * lip) P) Hm) as (i & j & Hi & Hj & Hij & Hle).
  { intros k. apply neuron_mass_nonneg. lra. }
  assert (Hd : bend_constant P sigma tau u (u * lip) beta
    * (neuron_mass X B (u * lip) P i * neuron_mass X B (u * lip) P j) <= d) by (now apply Rmult_le_compat_l).
  apply (depth_at_most_mono _ P _ d Hd).
  apply (T7V_pair l w v sigma tau u lip beta Dq P i j K); try easy.
  eapply Rle_lt_trans; [|exact Hthr]. apply Rmult_le_compat_l; [easy|]. now apply sqrt_le_1_alt.
Qed.
End SmoothBranch.

(** such branches exist: a linear map, which does not bend at all *)
Definition linear_branch (n r : nat) : branch := Branch n r (fun q a s => \sum_(i < n) (q O s i * a i)).

Theorem bends_exists n r q : bends (linear_branch n r) q (fun _ => q O) 0.
Proof.
  split; [lra|]. split.
  - intros a d s t _. cbn [act linear_branch branch_in].
    set (u := \sum_(i < n) (q O s i * a i)). set (c := \sum_(i < n) (q O s i * d i)).
    replace (fun t => \sum_(i < n) (q O s i * (a i + t * d i))) with (fun t => u + t * c).
    + pose proof (derivable_pt_lim_plus (fun _ => u) (fun t => t * c) t 0 c (derivable_pt_lim_const u t)) as H.
      replace (0 + c) with c in H by ring. apply H.
      pose proof (derivable_pt_lim_mult id (fun _ => c) t 1 0 (derivable_pt_lim_id t) (derivable_pt_lim_const c t)) as Hm.
      unfold mult_fct, id in Hm. replace (1 * c + t * 0) with c in Hm by ring. exact Hm.
    + apply functional_extensionality; intros x. unfold u, c. rewrite <- lsum_scal, <- lsum_plus.
      apply lsum_ext; intros; ring.
  - intros a b. split; [lra|]. intros d. rewrite Rmult_0_l, Rmult_0_l. right. apply enorm_zero. intros s _.
    apply lsum_zero. intros; ring.
Qed.
