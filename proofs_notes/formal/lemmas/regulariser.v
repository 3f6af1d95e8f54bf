(** L10 [ours] (blueprint, section 1): the mass S does not grow along L3, L4, the fused segment and L9's load, and
    is convex along a readout line. S has the network's own Lambda.

    Definitions: [shrinks], no new row is longer than the old one, as projections are not; [gauges], any convex
    bound of the operator norm that is 0 at 0, with any bound of Lip(q); [gain], Lambda of a network by them;
    [total_mass], S with that Lambda.
    Statements: L10. *)

From Coq Require Import Reals Lra Psatz List Permutation Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums euclidean relu paths.
From Skipscape.networks Require Import networks.
From Skipscape.lemmas Require Import perturb transfer readout slots.
Import ListNotations.
Open Scope R_scope.

(** "projection c": the new row is no longer than the old one *)
Definition shrinks (X : data) (P : param) (J : list nat) (ctr : nat -> nat) (cf : nat -> R) : Prop :=
  forall j, In j J -> enorm (seen X) (fun i => cf j * W P (ctr j) i) <= enorm (seen X) (W P j).

(** projection coefficients do shrink *)
Lemma projection_shrinks X P J ctr :
  shrinks X P J ctr (fun j => projection X (W P j) (W P (ctr j))).
Proof.
  intros j _. set (a := W P j). set (b := W P (ctr j)).
  rewrite enorm_scal_pos by apply projection_nonneg. unfold projection.
  pose proof (enorm_nonneg (seen X) a) as Ha. pose proof (enorm_nonneg (seen X) b) as Hb.
  destruct (Req_dec (enorm (seen X) b) 0) as [E|E]; [rewrite E; lra|].
  assert (Hs : relu (dot X a b) <= enorm (seen X) a * enorm (seen X) b).
  { unfold relu. apply Rmax_lub; [now apply Rmult_le_pos | apply inner_le_norms]. }
  apply (Rmult_le_reg_r (enorm (seen X) b)); [lra|].
  replace (relu (dot X a b) / (enorm (seen X) b)^2 * enorm (seen X) b * enorm (seen X) b)
    with (relu (dot X a b)) by (field; lra).
  exact Hs.
Qed.

Section Regulariser.
Variables (X : data) (m : nat) (B : branch).

Lemma mass_split lam P : mass X m B lam P
  = \sum_(j < m) (enorm (seen X) (W P j) * enorm (outputs X) (V P j))
    + lam * \sum_(j < m) (enorm (seen X) (W P j) * enorm (branch_in B) (A P j)).
Proof.
  unfold mass, neuron_mass. rewrite <- lsum_scal, <- lsum_plus. apply lsum_ext; intros; ring.
Qed.

Theorem L10_merge lam P J ctr cf t : 0 <= lam -> 0 <= t <= 1 -> shrinks X P J ctr cf ->
  mass X m B lam (lin t P (merge P J ctr cf)) <= mass X m B lam P.
Proof.
  intros Hlam Ht Hs. apply lsum_le; intros j _. unfold neuron_mass.
  rewrite (enorm_ext (outputs X) _ (V P j)) by (intros; unfold merge; entries; ring).
  rewrite (enorm_ext (branch_in B) _ (A P j)) by (intros; unfold merge; entries; ring).
  apply Rmult_le_compat_r.
  - apply Rplus_le_le_0_compat; [apply enorm_nonneg|]. apply Rmult_le_pos; [easy | apply enorm_nonneg].
  - eapply Rle_trans; [apply (enorm_convex (seen X) t (W P j) (W (merge P J ctr cf) j) Ht)|].
    enough (enorm (seen X) (W (merge P J ctr cf) j) <= enorm (seen X) (W P j)) by nra.
    change (W (merge P J ctr cf) j) with (fun i => if mem j J then cf j * W P (ctr j) i else W P j i).
    destruct (mem j J) eqn:E; [|apply Rle_refl]. apply Hs. now apply mem_In.
Qed.

(** handing outgoing columns over: e is one of the two outgoing norms *)
Lemma hand_mass n J ctr cf (a : vector) (M : matrix) t l :
  0 <= t <= 1 -> admissible m l J ctr cf -> (forall j, 0 <= a j) ->
  (forall j, In j J -> cf j * a (ctr j) <= a j) ->
  \sum_(i < m) (a i * enorm n (fun c => (1 - t) * M i c + t * hand J (single ctr cf) M i c))
  <= \sum_(i < m) (a i * enorm n (M i)).
Proof.
  intros Ht [(HN & _ & HJ) [Hc Hcf]] Ha Hshrink.
  set (H := fun i => if mem i J then 0 else enorm n (M i) + \sum_(j in J) (single ctr cf j i * enorm n (M j))).
  apply Rle_trans with (\sum_(i < m) ((1 - t) * (a i * enorm n (M i)) + t * (a i * H i))).
  - apply lsum_le; intros i _.
    replace ((1 - t) * (a i * enorm n (M i)) + t * (a i * H i))
      with (a i * ((1 - t) * enorm n (M i) + t * H i)) by ring.
    apply Rmult_le_compat_l; [easy|]. eapply Rle_trans; [now apply enorm_convex|].
    apply Rplus_le_compat_l, Rmult_le_compat_l; [lra|]. unfold H, hand.
    destruct (mem i J); [right; now apply enorm_zero|].
    eapply Rle_trans; [apply enorm_triangle|]. apply Rplus_le_compat_l.
    eapply Rle_trans; [apply wnorm_sum, one_nonneg|]. apply lsum_le; intros j Hj. right.
    apply enorm_scal_pos. unfold single. destruct (Nat.eqb (ctr j) i); [now apply Hcf | lra].
  - rewrite lsum_lin. enough (\sum_(i < m) (a i * H i) <= \sum_(i < m) (a i * enorm n (M i))) by nra.
    rewrite (lsum_split m J (fun i => a i * enorm n (M i)) HN HJ), Rplus_comm.
    rewrite (lsum_ext _ (fun i => a i * H i) (fun i => (if mem i J then 0 else a i * enorm n (M i))
       + \sum_(j in J) (enorm n (M j) * (if mem i J then 0 else single ctr cf j i * a i)))).
    + rewrite lsum_plus, lsum_swap. apply Rplus_le_compat_l. apply lsum_le; intros j Hj.
      rewrite lsum_scal, single_sum by (apply Hc; easy). rewrite (Rmult_comm (a j)).
      apply Rmult_le_compat_l; [apply enorm_nonneg | now apply Hshrink].
    + intros i _. unfold H. destruct (mem i J).
      * rewrite lsum_zero by (intros; ring). ring.
      * rewrite Rmult_plus_distr_l, <- lsum_scal. f_equal. apply lsum_ext; intros; ring.
Qed.

(** L4 when w_j = c_j w_i(j), and the fused segment of L3 and L4 *)
Theorem L10_transfer lam l P J ctr cf t : 0 <= lam -> 0 <= t <= 1 ->
  admissible m l J ctr cf -> shrinks X P J ctr cf ->
  mass X m B lam (lin t P (transfer P J ctr cf)) <= mass X m B lam P.
Proof.
  intros Hlam Ht Ha Hs. pose proof Ha as (_ & _ & Hcf). rewrite !mass_split.
  assert (Hw : forall j, enorm (seen X) (W (lin t P (transfer P J ctr cf)) j) = enorm (seen X) (W P j))
    by (intros; apply enorm_ext; intros; unfold transfer, give; entries; ring).
  assert (Hshrink : forall j, In j J -> cf j * enorm (seen X) (W P (ctr j)) <= enorm (seen X) (W P j)).
  { intros j Hj. rewrite <- enorm_scal_pos by auto. now apply Hs. }
  assert (H : forall n (M : param -> matrix),
    (forall j c, M (lin t P (transfer P J ctr cf)) j c
                 = (1 - t) * M P j c + t * hand J (single ctr cf) (M P) j c) ->
    \sum_(j < m) (enorm (seen X) (W (lin t P (transfer P J ctr cf)) j) * enorm n (M (lin t P (transfer P J ctr cf)) j))
    <= \sum_(j < m) (enorm (seen X) (W P j) * enorm n (M P j))).
  { intros n M HM.
    rewrite (lsum_ext _ _ (fun j => enorm (seen X) (W P j)
      * enorm n (fun c => (1 - t) * M P j c + t * hand J (single ctr cf) (M P) j c))).
    - apply (hand_mass n J ctr cf (fun j => enorm (seen X) (W P j)) (M P) t l); auto using enorm_nonneg.
    - intros j _. rewrite Hw. f_equal. apply enorm_ext; intros; apply HM. }
  apply Rplus_le_compat; [now apply H|]. apply Rmult_le_compat_l; [easy | now apply H].
Qed.

Lemma merged_shrinks l P J ctr cf : admissible m l J ctr cf ->
  shrinks X (merge P J ctr cf) J ctr cf.
Proof.
  intros [_ [Hc _]] j Hj. right. apply enorm_ext; intros i _. destruct (Hc j Hj) as [_ Hout].
  unfold merge; entries. apply mem_In in Hj. apply mem_false in Hout. now rewrite Hj, Hout.
Qed.

Theorem L10_load lam P J w t : silent P J ->
  mass X m B lam (lin t P (load P J w)) = mass X m B lam P.
Proof.
  intros H0. apply lsum_ext; intros j _. unfold neuron_mass.
  rewrite (enorm_ext (outputs X) _ (V P j)) by (intros; unfold load; entries; ring).
  rewrite (enorm_ext (branch_in B) _ (A P j)) by (intros; unfold load; entries; ring).
  destruct (in_dec Nat.eq_dec j J) as [Hj|Hj].
  - destruct (H0 j Hj) as [HV HA].
    rewrite (enorm_zero _ (V P j)), (enorm_zero _ (A P j)) by auto. ring.
  - f_equal. apply enorm_ext; intros i _. unfold load; entries. apply mem_false in Hj. rewrite Hj. ring.
Qed.

(** * The mass with Lambda = ||U|| Lip(q) of the weights themselves *)

(** [opn] dominates operator norms, is convex and vanishes at 0 (the operator norm, the Frobenius norm, ...);
    [lip] dominates Lip(q) *)
Definition gauges (opn : matrix -> R) (lip : (nat -> matrix) -> R) : Prop :=
  (forall M, opnorm_le (outputs X) (branch_out B) M (opn M)) /\
  (forall M M' t, 0 <= t <= 1 ->
     opn (fun c s => (1 - t) * M c s + t * M' c s) <= (1 - t) * opn M + t * opn M') /\
  opn (fun _ _ => 0) = 0 /\
  (forall q, lipschitz B q (lip q)).

Variables (opn : matrix -> R) (lip : (nat -> matrix) -> R).
Hypothesis Hg : gauges opn lip.

Definition gain (P : param) : R := opn (U P) * lip (Q P).
Definition total_mass (P : param) : R := mass X m B (gain P) P.

Lemma gain_ok P : branch_gain X B P (gain P).
Proof.
  destruct Hg as (H1 & _ & _ & H4). exists (opn (U P)), (lip (Q P)).
  split; [apply H1 | split; [apply H4 | easy]].
Qed.

Lemma gain_nonneg P : 0 <= gain P.
Proof. apply (branch_gain_nonneg X B P), gain_ok. Qed.

Lemma gain_off P : (forall c s, U P c s = 0) -> gain P = 0.
Proof.
  intros H. destruct Hg as (_ & _ & H0 & _). unfold gain.
  replace (U P) with (fun _ _ : nat => 0) by (symmetry; now apply matrix_ext). rewrite H0. ring.
Qed.

Lemma total_mass_same P P' : U P' = U P -> Q P' = Q P -> total_mass P' = mass X m B (gain P) P'.
Proof. intros EU EQ. unfold total_mass, gain. now rewrite EU, EQ. Qed.

(** "S is linear along T1's readout line": convex along every readout line *)
Theorem L10_readout P v u t : 0 <= t <= 1 ->
  total_mass (lin t P (readout P v u)) <= (1 - t) * total_mass P + t * total_mass (readout P v u).
Proof.
  intros Ht. rewrite lin_readout. unfold total_mass, mass. rewrite <- lsum_lin. apply lsum_le; intros j _.
  unfold neuron_mass. rewrite !V_readout.
  set (u' := fun c s => (1 - t) * U P c s + t * u c s). set (v' := fun j c => (1 - t) * V P j c + t * v j c).
  assert (HG : gain (readout P v' u') <= (1 - t) * gain P + t * gain (readout P v u)).
  { unfold gain. rewrite !U_readout.
    change (Q (readout P v' u')) with (Q P). change (Q (readout P v u)) with (Q P).
    destruct Hg as (_ & Hconv & _ & Hl). destruct (Hl (Q P)) as [Hl0 _].
    pose proof (Rmult_le_compat_r _ _ _ Hl0 (Hconv (U P) u t Ht)) as H. fold u' in H. lra. }
  assert (HV : enorm (outputs X) (v' j) <= (1 - t) * enorm (outputs X) (V P j) + t * enorm (outputs X) (v j))
    by now apply enorm_convex.
  change (W (readout P v' u') j) with (W P j). change (A (readout P v' u') j) with (A P j).
  change (W (readout P v u) j) with (W P j). change (A (readout P v u) j) with (A P j).
  pose proof (enorm_nonneg (seen X) (W P j)) as Hw.
  apply (Rmult_le_compat_r (enorm (branch_in B) (A P j))) in HG; [|apply enorm_nonneg].
  apply Rle_trans with (enorm (seen X) (W P j) *
    (((1 - t) * enorm (outputs X) (V P j) + t * enorm (outputs X) (v j)) +
     ((1 - t) * gain P + t * gain (readout P v u)) * enorm (branch_in B) (A P j))); [|right; ring].
  apply Rmult_le_compat_l; [easy|]. apply Rplus_le_compat; [exact HV | exact HG].
Qed.
End Regulariser.
