(** L10 [ours] for STREAM, and for RESIDUAL what residual.v leaves (blueprint, section 1): the mass S with the network's
    own Lambda_k does not grow along L3 and L4, and is convex along a readout line (V alone).

    Definitions: [stream_mass], S = sum_j ||w_j|| o_j; [stream_gauges], any convex bounds of the norms of V U_k that
    serve for its operator norm, any such bounds of A_h U_k, any bounds of Lip(q_k); [own_gains], the numbers
    Lambda_k of the weights themselves by them, from the last block down; [stream_shrinks], no new row is longer than
    the old one; [residual_mass], RESIDUAL's S, with ||V U||.
    Statements: L7, L10. *)

From Coq Require Import Reals Lra Psatz List Permutation Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums euclidean relu paths.
From Skipscape.networks Require Import networks blocks.
From Skipscape.lemmas Require Import perturb transfer readout slots regulariser residual stream.
Import ListNotations.
Open Scope R_scope.

Section StreamMass.
Variables (X : data) (m K : nat) (Bl : nat -> branch).
Notation after k := (seq (S k) (K - S k)).

(** "s_j = ||w_j|| (||V_j|| + sum_k Lambda_k ||A_(k,j)||), S = sum_j s_j" *)
Definition stream_mass (lam : nat -> R) (P : stream_param) : R :=
  \sum_(j < m) (enorm (seen X) (sW P j) * stream_out X K Bl lam P j).

Variables (ov : nat -> matrix -> R) (oa : nat -> nat -> matrix -> R) (lip : nat -> (nat -> matrix) -> R).

Definition stream_gauges : Prop :=
  (forall k M, opnorm_le (outputs X) (branch_out (Bl k)) M (ov k M)) /\
  (forall k M M' t, 0 <= t <= 1 ->
     ov k (fun c s => (1 - t) * M c s + t * M' c s) <= (1 - t) * ov k M + t * ov k M') /\
  (forall h k M, opnorm_le (branch_in (Bl h)) (branch_out (Bl k)) M (oa h k M)) /\
  (forall k q, lipschitz (Bl k) q (lip k q)).

(** "Lambda_k = Lip(q_k) (||V U_k|| + sum_(h>k) Lambda_h ||A_h U_k||)", with equality *)
Definition own_gains (P : stream_param) (lam : nat -> R) : Prop := forall k, (k < K)%nat ->
  lam k = lip k (sQ P k) * (ov k (times m (sV P) (sU P k))
    + \sum_(h in after k) (lam h * oa h k (times m (sA P h) (sU P k)))).

Hypothesis Hg : stream_gauges.

Lemma own_exists P : exists lam, own_gains P lam.
Proof.
  assert (H : forall e n, (n + e = K)%nat -> exists lam, forall k, (n <= k < K)%nat ->
    lam k = lip k (sQ P k) * (ov k (times m (sV P) (sU P k))
      + \sum_(h in after k) (lam h * oa h k (times m (sA P h) (sU P k))))).
  { induction e as [|e IH]; intros n Hn; [exists (fun _ => 0); intros; lia|].
    destruct (IH (S n) ltac:(lia)) as (lam & Hlam).
    exists (fun k => if Nat.eqb k n then lip n (sQ P n) * (ov n (times m (sV P) (sU P n))
      + \sum_(h in after n) (lam h * oa h n (times m (sA P h) (sU P n)))) else lam k).
    intros k Hk. assert (E : forall h, In h (after k) -> (if Nat.eqb h n then lip n (sQ P n) * (ov n (times m (sV P)
      (sU P n)) + \sum_(h in after n) (lam h * oa h n (times m (sA P h) (sU P n)))) else lam h) = lam h).
    { intros h Hh. apply in_seq in Hh. now rewrite (proj2 (Nat.eqb_neq h n)) by lia. }
    destruct (Nat.eqb_spec k n) as [->|Hne].
    - do 2 f_equal. apply lsum_ext; intros h Hh. now rewrite E.
    - rewrite Hlam by lia. do 2 f_equal. apply lsum_ext; intros h Hh. now rewrite E. }
  destruct (H K O ltac:(lia)) as (lam & Hlam). exists lam. intros k Hk. apply Hlam. lia.
Qed.

(** from the last block down *)
Lemma down (Pr : nat -> Prop) : (forall k, (k < K)%nat -> (forall h, In h (after k) -> Pr h) -> Pr k) ->
  forall k, (k < K)%nat -> Pr k.
Proof.
  intros H. assert (Hall : forall e k, (K - k <= e)%nat -> (k < K)%nat -> Pr k).
  { induction e as [|e IH]; intros k He Hk; [lia|]. apply H; [easy|]. intros h Hh. apply in_seq in Hh. apply IH; lia. }
  intros k Hk. now apply (Hall (K - k)%nat).
Qed.

Lemma own_nonneg P lam k : own_gains P lam -> (k < K)%nat -> 0 <= lam k.
Proof.
  intros H. destruct Hg as (Hv & _ & Ha & Hl). apply (down (fun k => 0 <= lam k)). clear k. intros k Hk Hdown.
  rewrite H by easy. apply Rmult_le_pos; [apply Hl|]. apply Rplus_le_le_0_compat; [apply Hv|].
  apply lsum_nonneg; intros h Hh. apply Rmult_le_pos; [now apply Hdown | apply Ha].
Qed.

Lemma own_gain P lam : own_gains P lam -> stream_gain X m K Bl P lam.
Proof.
  intros H. destruct Hg as (Hv & _ & Ha & Hl).
  exists (fun k => lip k (sQ P k)), (fun k => ov k (times m (sV P) (sU P k))),
    (fun h k => oa h k (times m (sA P h) (sU P k))).
  split; [intros; apply Hl|]. split; [intros; apply Hv|]. split; [intros; apply Ha|].
  split; [intros k Hk; now apply (own_nonneg P lam)|]. intros k Hk. right. now rewrite (H k Hk).
Qed.

(** the same products and inner weights, the same gains *)
Lemma own_same P P' lam lam' : own_gains P lam -> own_gains P' lam' -> (forall k, sQ P' k = sQ P k) ->
  (forall k, times m (sV P') (sU P' k) = times m (sV P) (sU P k)) ->
  (forall h k, times m (sA P' h) (sU P' k) = times m (sA P h) (sU P k)) ->
  forall k, (k < K)%nat -> lam' k = lam k.
Proof.
  intros H H' EQ EV EA. apply (down (fun k => lam' k = lam k)). intros k Hk Hdown.
  rewrite (H k Hk), (H' k Hk), EQ, EV. do 2 f_equal. apply lsum_ext; intros h Hh. now rewrite EA, Hdown.
Qed.

Lemma stream_mass_ext lam lam' P : (forall k, (k < K)%nat -> lam' k = lam k) -> stream_mass lam' P = stream_mass lam P.
Proof.
  intros E. apply lsum_ext; intros j _. unfold stream_out. do 2 f_equal. apply lsum_ext; intros k Hk.
  apply in_rng in Hk. now rewrite E.
Qed.

Lemma stream_mass_split lam P : stream_mass lam P
  = \sum_(j < m) (enorm (seen X) (sW P j) * enorm (outputs X) (sV P j))
    + \sum_(k < K) (lam k * \sum_(j < m) (enorm (seen X) (sW P j) * enorm (branch_in (Bl k)) (sA P k j))).
Proof.
  unfold stream_mass, stream_out.
  rewrite (lsum_ext (seq 0 K) _ (fun k => \sum_(j < m) (lam k * (enorm (seen X) (sW P j) * enorm (branch_in (Bl k))
    (sA P k j))))) by (intros; now rewrite lsum_scal).
  rewrite lsum_swap, <- lsum_plus. apply lsum_ext; intros j _. rewrite Rmult_plus_distr_l, <- lsum_scal. f_equal.
  apply lsum_ext; intros; ring.
Qed.

(** * L3 *)

Definition stream_shrinks (P : stream_param) (J : list nat) (ctr : nat -> nat) (cf : nat -> R) : Prop :=
  forall j, In j J -> enorm (seen X) (fun i => cf j * sW P (ctr j) i) <= enorm (seen X) (sW P j).

Theorem L10_stream_merge P J ctr cf t lam lam' : 0 <= t <= 1 -> stream_shrinks P J ctr cf ->
  own_gains P lam -> own_gains (lin t P (stream_merge P J ctr cf)) lam' ->
  stream_mass lam' (lin t P (stream_merge P J ctr cf)) <= stream_mass lam P.
Proof.
  intros Ht Hs H H'. set (P' := lin t P (stream_merge P J ctr cf)) in *.
  assert (EQ : forall k, sQ P' k = sQ P k).
  { intros k. apply functional_extensionality; intros d. apply matrix_ext; intros.
    unfold P', stream_merge; stream_entries; ring. }
  assert (EV : sV P' = sV P) by (apply matrix_ext; intros; unfold P', stream_merge; stream_entries; ring).
  assert (EA : forall k, sA P' k = sA P k)
    by (intros; apply matrix_ext; intros; unfold P', stream_merge; stream_entries; ring).
  assert (EU : forall k, sU P' k = sU P k)
    by (intros; apply matrix_ext; intros; unfold P', stream_merge; stream_entries; ring).
  rewrite (stream_mass_ext lam lam') by (apply (own_same P P' lam lam' H H'); intros; now rewrite ?EQ, ?EV, ?EA, ?EU).
  apply lsum_le; intros j _. unfold stream_out. rewrite EV.
  rewrite (lsum_ext (seq 0 K) (fun k => lam k * enorm (branch_in (Bl k)) (sA P' k j))
    (fun k => lam k * enorm (branch_in (Bl k)) (sA P k j))) by (intros; now rewrite EA).
  apply Rmult_le_compat_r.
  - apply Rplus_le_le_0_compat; [apply enorm_nonneg|]. apply lsum_nonneg; intros k Hk. apply in_rng in Hk.
    apply Rmult_le_pos; [now apply (own_nonneg P lam) | apply enorm_nonneg].
  - eapply Rle_trans; [apply (enorm_convex (seen X) t (sW P j) (sW (stream_merge P J ctr cf) j) Ht)|].
    enough (enorm (seen X) (sW (stream_merge P J ctr cf) j) <= enorm (seen X) (sW P j)) by nra.
    change (sW (stream_merge P J ctr cf) j) with (fun i => if mem j J then cf j * sW P (ctr j) i else sW P j i).
    destruct (mem j J) eqn:E; [|apply Rle_refl]. apply Hs. now apply mem_In.
Qed.

(** "c_j the projection": it does shrink *)
Theorem L10_stream_projection P J ctr :
  stream_shrinks P J ctr (fun j => projection X (sW P j) (sW P (ctr j))).
Proof. exact (projection_shrinks X (make (sW P) (sV P) (sV P) (sV P) (fun _ => sV P)) J ctr). Qed.

(** * L4 *)

Theorem L10_stream_rebase l P J ctr cf t lam lam' : 0 <= t <= 1 -> admissible m l J ctr cf ->
  (forall j, In j J -> forall i, sW P j i = cf j * sW P (ctr j) i) ->
  own_gains P lam -> own_gains (lin t P (stream_rebase P J ctr cf)) lam' ->
  stream_mass lam' (lin t P (stream_rebase P J ctr cf)) <= stream_mass lam P.
Proof.
  intros Ht Ha HW H H'. pose proof Ha as [(HN & _ & HJ) [Hc Hcf]].
  set (P' := lin t P (stream_rebase P J ctr cf)) in *.
  assert (EQ : forall k, sQ P' k = sQ P k).
  { intros k. apply functional_extensionality; intros d. apply matrix_ext; intros.
    unfold P', stream_rebase; stream_entries; ring. }
  assert (HU : forall k s j, sU P' k j s = if mem j J then sU P k j s - t * cf j * sU P k (ctr j) s else sU P k j s)
    by (intros k s j; unfold P', stream_rebase; stream_entries; destruct (mem j J); ring).
  rewrite (stream_mass_ext lam lam').
  2:{ apply (own_same P P' lam lam' H H' EQ).
      - intros k. apply matrix_ext; intros c s.
        apply (receive_sum m J ctr cf (sV P) (fun j => sU P k j s) (fun j => sU P' k j s) c t); auto.
      - intros h k. apply matrix_ext; intros a s.
        apply (receive_sum m J ctr cf (sA P h) (fun j => sU P k j s) (fun j => sU P' k j s) a t); auto. }
  assert (Hw : forall j, enorm (seen X) (sW P' j)
    = if mem j J then (1 - t) * enorm (seen X) (sW P j) else enorm (seen X) (sW P j)).
  { intros j. destruct (mem j J) eqn:E.
    - rewrite <- enorm_scal_pos by lra. apply enorm_ext; intros. unfold P', stream_rebase; stream_entries.
      rewrite E. ring.
    - apply enorm_ext; intros. unfold P', stream_rebase; stream_entries. rewrite E. ring. }
  assert (HwJ : forall j, In j J -> enorm (seen X) (sW P j) = cf j * enorm (seen X) (sW P (ctr j))).
  { intros j Hj. rewrite <- enorm_scal_pos by auto. apply enorm_ext; intros. now apply HW. }
  rewrite !stream_mass_split. apply Rplus_le_compat.
  - now apply (receive_mass m (outputs X) J ctr cf (fun j => enorm (seen X) (sW P j))
      (fun j => enorm (seen X) (sW P' j)) (sV P) t l); auto using enorm_nonneg.
  - apply lsum_le; intros k Hk. apply in_rng in Hk.
    apply Rmult_le_compat_l; [now apply (own_nonneg P lam)|].
    now apply (receive_mass m (branch_in (Bl k)) J ctr cf (fun j => enorm (seen X) (sW P j))
      (fun j => enorm (seen X) (sW P' j)) (sA P k) t l); auto using enorm_nonneg.
Qed.

(** * A readout line: V alone *)

Theorem L10_stream_readout P v t lam lam1 lam' : 0 <= t <= 1 ->
  own_gains P lam -> own_gains (stream_readout P v) lam1 -> own_gains (lin t P (stream_readout P v)) lam' ->
  stream_mass lam' (lin t P (stream_readout P v))
  <= (1 - t) * stream_mass lam P + t * stream_mass lam1 (stream_readout P v).
Proof.
  intros Ht H H1 H'. set (P1 := stream_readout P v) in *. set (P' := lin t P P1) in *.
  destruct Hg as (Hov & Hconv & Hoa & Hlip).
  assert (EQ : forall k, sQ P' k = sQ P k).
  { intros k. apply functional_extensionality; intros d. apply matrix_ext; intros.
    unfold P', P1, stream_readout; stream_entries; ring. }
  assert (EA : forall k, sA P' k = sA P k)
    by (intros; apply matrix_ext; intros; unfold P', P1, stream_readout; stream_entries; ring).
  assert (EU : forall k, sU P' k = sU P k)
    by (intros; apply matrix_ext; intros; unfold P', P1, stream_readout; stream_entries; ring).
  assert (EW : sW P' = sW P) by (apply matrix_ext; intros; unfold P', P1, stream_readout; stream_entries; ring).
  assert (Hgains : forall k, (k < K)%nat -> lam' k <= (1 - t) * lam k + t * lam1 k).
  { apply (down (fun k => lam' k <= (1 - t) * lam k + t * lam1 k)). intros k Hk Hdown.
    rewrite (H k Hk), (H1 k Hk), (H' k Hk), EQ, EU. change (sQ P1 k) with (sQ P k). change (sU P1 k) with (sU P k).
    replace (times m (sV P') (sU P k)) with
      (fun c s => (1 - t) * times m (sV P) (sU P k) c s + t * times m (sV P1) (sU P k) c s).
    2:{ apply matrix_ext; intros c s. unfold times. rewrite <- lsum_lin. apply lsum_ext; intros j _.
        unfold P'; stream_entries. ring. }
    apply Rle_trans with (lip k (sQ P k) * ((1 - t) * ov k (times m (sV P) (sU P k))
      + t * ov k (times m (sV P1) (sU P k)) + ((1 - t) * \sum_(h in after k) (lam h * oa h k (times m (sA P h) (sU P k)))
      + t * \sum_(h in after k) (lam1 h * oa h k (times m (sA P1 h) (sU P k)))))); [|right; ring].
    apply Rmult_le_compat_l; [apply Hlip|]. apply Rplus_le_compat; [now apply Hconv|].
    rewrite <- lsum_lin. apply lsum_le; intros h Hh. rewrite EA. change (sA P1 h) with (sA P h).
    apply Rle_trans with (((1 - t) * lam h + t * lam1 h) * oa h k (times m (sA P h) (sU P k))); [|right; ring].
    apply Rmult_le_compat_r; [apply Hoa | now apply Hdown]. }
  unfold stream_mass. rewrite <- lsum_lin. apply lsum_le; intros j _. rewrite EW. change (sW P1 j) with (sW P j).
  apply Rle_trans with (enorm (seen X) (sW P j) * ((1 - t) * stream_out X K Bl lam P j
    + t * stream_out X K Bl lam1 P1 j)); [|right; ring].
  apply Rmult_le_compat_l; [apply enorm_nonneg|]. unfold stream_out.
  apply Rle_trans with (((1 - t) * enorm (outputs X) (sV P j) + t * enorm (outputs X) (sV P1 j))
    + ((1 - t) * \sum_(k < K) (lam k * enorm (branch_in (Bl k)) (sA P k j))
    + t * \sum_(k < K) (lam1 k * enorm (branch_in (Bl k)) (sA P1 k j)))); [|right; ring].
  apply Rplus_le_compat; [now apply (enorm_convex (outputs X) t (sV P j) (sV P1 j))|].
  rewrite <- lsum_lin. apply lsum_le; intros k Hk. apply in_rng in Hk. rewrite EA. change (sA P1 k) with (sA P k).
  apply Rle_trans with (((1 - t) * lam k + t * lam1 k) * enorm (branch_in (Bl k)) (sA P k j)); [|right; ring].
  apply Rmult_le_compat_r; [apply enorm_nonneg | now apply Hgains].
Qed.
End StreamMass.

(** * RESIDUAL: S has ||V U|| in Lambda, that is the mass of the network read as PARALLEL *)

Section ResidualMass.
Variables (X : data) (m : nat) (B : branch) (opn : matrix -> R) (lip : (nat -> matrix) -> R).
Hypothesis Hg : gauges X B opn lip.

Definition residual_mass (P : param) : R := total_mass X m B opn lip (as_parallel m P).

Theorem L10_residual_merge P J ctr cf t : 0 <= t <= 1 -> shrinks X P J ctr cf ->
  residual_mass (lin t P (merge P J ctr cf)) <= residual_mass P.
Proof.
  intros Ht Hs. set (Q := as_parallel m P).
  assert (E : as_parallel m (lin t P (merge P J ctr cf)) = lin t Q (merge Q J ctr cf)).
  { apply param_ext; intros; try easy. unfold Q, as_parallel, merge, product; entries.
    rewrite (lsum_ext _ (fun j => _ * ((1 - t) * P (InU j s) + _)) (fun j => P (InV j c) * P (InU j s)))
      by (intros; ring).
    ring. }
  unfold residual_mass. rewrite E. fold Q.
  rewrite (total_mass_same X m B opn lip Q) by (apply merge_U || apply merge_Q).
  now apply L10_merge; [apply (gain_nonneg X B opn lip Hg)| |].
Qed.

Theorem L10_residual_rebase l P J ctr cf t : 0 <= t <= 1 -> admissible m l J ctr cf ->
  (forall j, In j J -> forall i, W P j i = cf j * W P (ctr j) i) ->
  residual_mass (lin t P (rebase P J ctr cf)) <= residual_mass P.
Proof.
  intros Ht Ha HW. set (P' := lin t P (rebase P J ctr cf)).
  assert (EU : U (as_parallel m P') = U (as_parallel m P)) by exact (rebase_product m l P J ctr cf t Ha).
  assert (EQ : Q (as_parallel m P') = Q (as_parallel m P)).
  { apply functional_extensionality; intros d. apply matrix_ext; intros. unfold as_parallel, P', rebase; entries; ring. }
  unfold residual_mass. rewrite (total_mass_same X m B opn lip _ _ EU EQ).
  exact (L10_rebase X m B (gain opn lip (as_parallel m P)) l P J ctr cf t (gain_nonneg X B opn lip Hg _) Ht Ha HW).
Qed.

(** V alone, as RESIDUAL's readout *)
Theorem L10_residual_readout P v t : 0 <= t <= 1 ->
  residual_mass (lin t P (readout P v (U P)))
  <= (1 - t) * residual_mass P + t * residual_mass (readout P v (U P)).
Proof.
  intros Ht. set (Q := as_parallel m P). set (u := product m (readout P v (U P))).
  assert (E1 : as_parallel m (readout P v (U P)) = readout Q v u) by reflexivity.
  assert (E : as_parallel m (lin t P (readout P v (U P))) = lin t Q (readout Q v u)).
  { rewrite <- E1. apply param_ext; intros; try easy. unfold Q, as_parallel, readout, product; entries.
    rewrite <- lsum_lin. apply lsum_ext; intros; ring. }
  unfold residual_mass. rewrite E, E1. fold Q. now apply L10_readout.
Qed.

(** PARALLEL: "S is linear along T1's readout line", from (V, U) with V = 0 and A = 0 on J to (V* on J, 0) *)
Theorem L10_linear P v J t : (forall M c, 0 <= c -> opn (fun i s => c * M i s) = c * opn M) -> 0 <= t <= 1 ->
  silent P J -> (forall j, ~ In j J -> forall c, v j c = 0) ->
  let E := readout P v (fun _ _ => 0) in
  total_mass X m B opn lip (lin t P E) = (1 - t) * total_mass X m B opn lip P + t * total_mass X m B opn lip E.
Proof.
  intros Hopn Ht H0 Hv E. unfold E. rewrite lin_readout. unfold total_mass, mass. rewrite <- lsum_lin.
  apply lsum_ext; intros j _. unfold neuron_mass, gain. rewrite !V_readout, !U_readout.
  replace (opn (fun _ _ => 0)) with 0 by (symmetry; apply Hg).
  replace (opn (fun c s => (1 - t) * U P c s + t * 0)) with ((1 - t) * opn (U P))
    by (rewrite <- Hopn by lra; f_equal; apply matrix_ext; intros; ring).
  change (W (readout P ?a ?b) j) with (W P j). change (A (readout P ?a ?b) j) with (A P j).
  change (Q (readout P ?a ?b)) with (Q P).
  destruct (in_dec Nat.eq_dec j J) as [Hj|Hj].
  - destruct (H0 j Hj) as [HV HA]. rewrite (enorm_zero _ (A P j)) by auto. rewrite (enorm_zero _ (V P j)) by auto.
    rewrite (enorm_ext (outputs X) _ (fun c => t * v j c)) by (intros; rewrite HV; ring).
    rewrite enorm_scal_pos by lra. ring.
  - rewrite (enorm_ext (outputs X) (fun c => (1 - t) * V P j c + t * v j c) (fun c => (1 - t) * V P j c))
      by (intros; rewrite (Hv j Hj); ring).
    rewrite enorm_scal_pos by lra. rewrite (enorm_zero _ (v j)) by (intros; now apply Hv). ring.
Qed.
End ResidualMass.
