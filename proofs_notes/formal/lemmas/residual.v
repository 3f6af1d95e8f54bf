(** L4 and L10 [ours] for RESIDUAL networks V (z + U q(A z)) (blueprint, section 1), and the moves that T2 makes
    after them. Row j of U is U_j.

    Definitions: [receive], a matrix whose columns outside J received C_ji times the columns of J, which stay;
    [rebase], the weights after L4: w_j = 0, V_i + c V_j, A_i + c A_j, row U_j - c U_i; [basis], the columns of V in
    the slots Bs span the others with coefficients E; [eliminate], U_j = 0 and U_b + sum_J E_jb U_j for b in Bs;
    [clear], V_j = 0 and A_j = 0 on J; [outside], J and all centres are outside Bs.
    Statements: L4, L10. *)

From Coq Require Import Reals Lra Psatz List Permutation Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums euclidean relu paths linear.
From Skipscape.networks Require Import networks.
From Skipscape.lemmas Require Import perturb transfer regulariser.
Import ListNotations.
Open Scope R_scope.

(** "w_j(t) = (1-t) c w_i, V_i + t c V_j, A_i + t c A_j, row U_j - t c U_i; V_j, A_j stay" at t = 1 *)
Definition receive (J : list nat) (C : matrix) (M : matrix) : matrix := fun i a =>
  if mem i J then M i a else M i a + \sum_(j in J) (C j i * M j a).
Definition rebase (P : param) (J : list nat) (ctr : nat -> nat) (cf : nat -> R) : param :=
  make (fun j i => if mem j J then 0 else W P j i)
       (receive J (single ctr cf) (V P)) (receive J (single ctr cf) (A P))
       (fun j s => if mem j J then U P j s - cf j * U P (ctr j) s else U P j s) (Q P).

(** the slots Bs span the columns of V, with coefficients E *)
Definition basis (m p : nat) (P : param) (Bs : list nat) (E : matrix) : Prop := forall j, (j < m)%nat ->
  forall c, (c < p)%nat -> V P j c = \sum_(b < m) (if mem b Bs then E j b * V P b c else 0).

(** "U_j -> (1-t) U_j, U_b += t c_jb U_j" at t = 1 *)
Definition eliminate (P : param) (J Bs : list nat) (E : matrix) : param :=
  make (W P) (V P) (A P)
    (fun i s => if mem i J then 0
                else if mem i Bs then U P i s + \sum_(j in J) (E j i * U P j s) else U P i s) (Q P).

(** "then V_J is free", and A_J *)
Definition clear (P : param) (J : list nat) : param :=
  make (W P) (fun j c => if mem j J then 0 else V P j c) (fun j a => if mem j J then 0 else A P j a) (U P) (Q P).

Section Residual.
Variables (X : data) (m : nat) (B : branch).
Notation net := (residual X m B).

Lemma receive_sum J ctr cf (M : matrix) (u u' : vector) a t :
  NoDup J -> (forall j, In j J -> (j < m)%nat) -> (forall j, In j J -> (ctr j < m)%nat /\ ~ In (ctr j) J) ->
  (forall j, (j < m)%nat -> u' j = if mem j J then u j - t * cf j * u (ctr j) else u j) ->
  \sum_(i < m) (((1 - t) * M i a + t * receive J (single ctr cf) M i a) * u' i) = \sum_(i < m) (M i a * u i).
Proof.
  intros HN HJ Hc Hu.
  rewrite (lsum_ext _ _ (fun i => M i a * u i + t *
    ((\sum_(j in J) (M j a * (if mem i J then 0 else single ctr cf j i * u i)))
      - (if mem i J then cf i * M i a * u (ctr i) else 0)))).
  - rewrite lsum_plus, lsum_scal, lsum_minus, lsum_swap, (lsum_mem m J) by easy.
    rewrite (lsum_ext J _ (fun j => cf j * M j a * u (ctr j))); [ring|].
    intros j Hj. rewrite lsum_scal, single_sum by (apply Hc; easy). ring.
  - intros i Hi. apply in_rng in Hi. rewrite (Hu i Hi). unfold receive. destruct (mem i J) eqn:E.
    + rewrite lsum_zero by (intros; ring). ring.
    + rewrite (lsum_ext J (fun j => M j a * _) (fun j => (single ctr cf j i * M j a) * u i)) by (intros; ring).
      rewrite lsum_scal_r. ring.
Qed.

Theorem L4_residual l P J ctr cf t : 0 <= t <= 1 -> admissible m l J ctr cf ->
  (forall j, In j J -> forall i, W P j i = cf j * W P (ctr j) i) ->
  net (lin t P (rebase P J ctr cf)) = net P.
Proof.
  intros Ht [(HN & _ & HJ) [Hc Hcf]] HW. set (P' := lin t P (rebase P J ctr cf)).
  assert (Hz : forall k j, feature X P' k j =
      if mem j J then feature X P k j - t * cf j * feature X P k (ctr j) else feature X P k j).
  { intros k j. destruct (mem j J) eqn:E.
    - apply mem_In in E. unfold feature.
      rewrite (dot_ext X (W P' j) (fun i => ((1 - t) * cf j) * W P (ctr j) i)).
      2:{ intros i. unfold P', rebase; entries. rewrite (proj2 (mem_In j J) E).
          pose proof (HW j E i) as Hji. unfold W in Hji. rewrite Hji. ring. }
      rewrite (dot_ext X (W P j) (fun i => cf j * W P (ctr j) i)) by now apply HW.
      rewrite !dot_scal. pose proof (Hcf j E).
      rewrite !L1a_homogeneous; [ring | easy | apply Rmult_le_pos; lra].
    - apply feature_ext. intros i. unfold P', rebase; entries. rewrite E. ring. }
  assert (Hread : forall k a, reading X m P' k a = reading X m P k a).
  { intros k a. apply (receive_sum J ctr cf (A P) (feature X P k) (feature X P' k) a t); auto. }
  assert (HQ : Q P' = Q P).
  { apply functional_extensionality; intros d. apply matrix_ext; intros. unfold P', rebase; entries; ring. }
  apply matrix_ext; intros k c.
  apply (receive_sum J ctr cf (V P) (fun j => feature X P k j + deep X m B P k j)
    (fun j => feature X P' k j + deep X m B P' k j) c t); auto.
  intros j _. rewrite Hz.
  assert (Hdeep : deep X m B P' k j = \sum_(s < branch_out B) (U P' j s * act B (Q P) (reading X m P k) s)).
  { unfold deep. rewrite HQ.
    now replace (reading X m P' k) with (reading X m P k) by (apply functional_extensionality; intros; now rewrite Hread). }
  rewrite Hdeep. unfold deep. destruct (mem j J) eqn:E.
  - rewrite (lsum_ext _ _ (fun s => U P j s * act B (Q P) (reading X m P k) s
       - t * cf j * (U P (ctr j) s * act B (Q P) (reading X m P k) s))).
    + rewrite lsum_minus, lsum_scal. ring.
    + intros s _. replace (U P' j s) with (U P j s - t * cf j * U P (ctr j) s); [ring|].
      unfold P', rebase; entries. rewrite E. ring.
  - f_equal. apply lsum_ext; intros s _. f_equal. unfold P', rebase; entries. rewrite E. ring.
Qed.

(** "at the end z_(0,j) = 0" *)
Theorem L4_residual_silent P J ctr cf k j : In j J -> feature X (lin 1 P (rebase P J ctr cf)) k j = 0.
Proof.
  intros Hj. unfold feature. apply mem_In in Hj.
  rewrite (dot_ext X _ (fun i => 0 * W P j i)).
  - rewrite dot_scal, Rmult_0_l. unfold relu. apply Rmax_left. lra.
  - intros i. unfold rebase; entries. rewrite Hj. ring.
Qed.

(** L10 for this move: V U, hence Lambda, stays, and S does not grow *)
Theorem rebase_product l P J ctr cf t : admissible m l J ctr cf ->
  product m (lin t P (rebase P J ctr cf)) = product m P.
Proof.
  intros [(HN & _ & HJ) [Hc _]]. apply matrix_ext; intros c s.
  apply (receive_sum J ctr cf (V P) (fun j => U P j s) (fun j => U (lin t P (rebase P J ctr cf)) j s) c t); auto.
  intros j _. unfold rebase; entries. destruct (mem j J); ring.
Qed.

Lemma receive_mass n J ctr cf (a a' : vector) (M : matrix) t l :
  0 <= t <= 1 -> admissible m l J ctr cf -> (forall j, 0 <= a j) ->
  (forall j, In j J -> a j = cf j * a (ctr j)) ->
  (forall j, a' j = if mem j J then (1 - t) * a j else a j) ->
  \sum_(i < m) (a' i * enorm n (fun c => (1 - t) * M i c + t * receive J (single ctr cf) M i c))
  <= \sum_(i < m) (a i * enorm n (M i)).
Proof.
  intros Ht [(HN & _ & HJ) [Hc Hcf]] Ha HaJ Ha'.
  set (e := fun i => enorm n (M i)).
  apply Rle_trans with (\sum_(i < m) (a i * e i + t * (\sum_(j in J) (e j * (if mem i J then 0 else single ctr cf j i * a i))
    - (if mem i J then a i * e i else 0)))).
  - apply lsum_le; intros i _. rewrite Ha'. unfold receive. destruct (mem i J).
    + rewrite (enorm_ext n _ (M i)) by (intros; ring). fold (e i).
      rewrite lsum_zero by (intros; ring). lra.
    + apply Rle_trans with (a i * ((1 - t) * e i + t * (e i + \sum_(j in J) (single ctr cf j i * e j)))).
      * apply Rmult_le_compat_l; [easy|]. eapply Rle_trans; [now apply enorm_convex|]. fold (e i).
        apply Rplus_le_compat_l, Rmult_le_compat_l; [lra|].
        eapply Rle_trans; [apply enorm_triangle|]. apply Rplus_le_compat_l.
        eapply Rle_trans; [apply wnorm_sum, one_nonneg|]. apply lsum_le; intros j Hj. right.
        apply enorm_scal_pos. unfold single. destruct (Nat.eqb (ctr j) i); [now apply Hcf | lra].
      * right. rewrite (lsum_ext J (fun j => e j * (single ctr cf j i * a i)) (fun j => (single ctr cf j i * e j) * a i))
          by (intros; ring).
        rewrite lsum_scal_r. ring.
  - right. rewrite lsum_plus, lsum_scal, lsum_minus, lsum_swap, (lsum_mem m J) by easy.
    rewrite (lsum_ext J _ (fun j => a j * e j)); [unfold e; ring|].
    intros j Hj. rewrite lsum_scal, single_sum by (apply Hc; easy). rewrite <- HaJ by easy. ring.
Qed.

Theorem L10_rebase lam l P J ctr cf t : 0 <= lam -> 0 <= t <= 1 -> admissible m l J ctr cf ->
  (forall j, In j J -> forall i, W P j i = cf j * W P (ctr j) i) ->
  mass X m B lam (lin t P (rebase P J ctr cf)) <= mass X m B lam P.
Proof.
  intros Hlam Ht Ha HW. pose proof Ha as [(HN & _ & HJ) [Hc Hcf]].
  set (P' := lin t P (rebase P J ctr cf)). rewrite !mass_split.
  assert (Hw : forall j, enorm (seen X) (W P' j)
    = if mem j J then (1 - t) * enorm (seen X) (W P j) else enorm (seen X) (W P j)).
  { intros j. destruct (mem j J) eqn:E.
    - rewrite <- enorm_scal_pos by lra. apply enorm_ext; intros. unfold P', rebase; entries. rewrite E. ring.
    - apply enorm_ext; intros. unfold P', rebase; entries. rewrite E. ring. }
  assert (HwJ : forall j, In j J -> enorm (seen X) (W P j) = cf j * enorm (seen X) (W P (ctr j))).
  { intros j Hj. rewrite <- enorm_scal_pos by auto. apply enorm_ext; intros. now apply HW. }
  apply Rplus_le_compat.
  - now apply (receive_mass (outputs X) J ctr cf (fun j => enorm (seen X) (W P j)) (fun j => enorm (seen X) (W P' j))
      (V P) t l); auto using enorm_nonneg.
  - apply Rmult_le_compat_l; [easy|].
    now apply (receive_mass (branch_in B) J ctr cf (fun j => enorm (seen X) (W P j)) (fun j => enorm (seen X) (W P' j))
      (A P) t l); auto using enorm_nonneg.
Qed.

(** "eliminate" changes nothing, because the columns V_j, j in J, are combinations of those of Bs *)
Lemma eliminate_exact l P J Bs E t k c : slots m l J -> (forall b, In b Bs -> ~ In b J) ->
  (forall j, In j J -> V P j c = \sum_(b < m) (if mem b Bs then E j b * V P b c else 0)) ->
  net (lin t P (eliminate P J Bs E)) k c = net P k c.
Proof.
  intros (HN & _ & HJ) HB Hbasis. set (P' := lin t P (eliminate P J Bs E)).
  set (g := fun j => deep X m B P k j).
  assert (Hdeep : forall i, deep X m B P' k i = g i + t *
    (if mem i J then - g i else if mem i Bs then \sum_(j in J) (E j i * g j) else 0)).
  { intros i. unfold g, deep.
    replace (reading X m P' k) with (reading X m P k).
    2:{ apply functional_extensionality; intros a. apply lsum_ext; intros j _.
        rewrite (feature_ext X P' P) by (intros; unfold P', eliminate; entries; ring).
        f_equal. unfold P', eliminate; entries; ring. }
    replace (Q P') with (Q P).
    2:{ apply functional_extensionality; intros d. apply matrix_ext; intros. unfold P', eliminate; entries; ring. }
    set (q := act B (Q P) (reading X m P k)).
    rewrite (lsum_ext J (fun j => E j i * lsum _ _) (fun j => \sum_(s < branch_out B) (E j i * (U P j s * q s))))
      by (intros; now rewrite lsum_scal).
    rewrite lsum_swap.
    replace (if mem i J then - \sum_(s < branch_out B) (U P i s * q s)
      else if mem i Bs then \sum_(s < branch_out B) \sum_(j in J) (E j i * (U P j s * q s)) else 0)
      with (\sum_(s < branch_out B) (if mem i J then (-1) * (U P i s * q s)
        else if mem i Bs then \sum_(j in J) (E j i * (U P j s * q s)) else 0)).
    - rewrite <- lsum_scal, <- lsum_plus. apply lsum_ext; intros s _.
      unfold P', eliminate; entries. destruct (mem i J); [ring|]. destruct (mem i Bs); [|ring].
      rewrite (lsum_ext J (fun j => E j i * (P (InU j s) * q s)) (fun j => (E j i * P (InU j s)) * q s))
        by (intros; ring).
      rewrite lsum_scal_r. ring.
    - destruct (mem i J); [rewrite lsum_scal; ring|]. destruct (mem i Bs); [easy|]. now apply lsum_zero. }
  unfold residual.
  rewrite (lsum_ext _ _ (fun j => V P j c * (feature X P k j + g j) + t *
    ((if mem j Bs then V P j c * \sum_(i in J) (E i j * g i) else 0)
    - (if mem j J then V P j c * g j else 0)))).
  2:{ intros j _. rewrite Hdeep, (feature_ext X P' P) by (intros; unfold P', eliminate; entries; ring).
      replace (V P' j c) with (V P j c) by (unfold P', eliminate; entries; ring).
      destruct (mem j J) eqn:EJ; [|destruct (mem j Bs); ring].
      destruct (mem j Bs) eqn:EB; [|ring]. exfalso. apply mem_In in EJ, EB. now apply (HB j). }
  rewrite lsum_plus, lsum_scal, lsum_minus, (lsum_mem m J) by easy.
  replace (\sum_(j < m) (if mem j Bs then V P j c * \sum_(i in J) (E i j * g i) else 0))
    with (\sum_(j in J) (V P j c * g j)); [unfold g; ring|].
  rewrite (lsum_ext (seq 0 m) _ (fun j => \sum_(i in J) (if mem j Bs then E i j * V P j c * g i else 0))).
  - rewrite lsum_swap. apply lsum_ext; intros i Hi. rewrite (Hbasis i Hi), <- lsum_scal_r.
    apply lsum_ext; intros b _. destruct (mem b Bs); ring.
  - intros j _. destruct (mem j Bs).
    + rewrite <- lsum_scal. apply lsum_ext; intros; ring.
    + symmetry. now apply lsum_zero.
Qed.

(** with z_J = 0 and U_J = 0 the columns V_J and A_J are silent *)
Lemma clear_exact P J t : (forall j, In j J -> forall i, W P j i = 0) -> (forall j, In j J -> forall s, U P j s = 0) ->
  net (lin t P (clear P J)) = net P.
Proof.
  intros HW HU. set (P' := lin t P (clear P J)).
  assert (Hz : forall k j, feature X P' k j = feature X P k j)
    by (intros; apply feature_ext; intros; unfold P', clear; entries; ring).
  assert (H0 : forall k j, In j J -> feature X P k j = 0).
  { intros k j Hj. unfold feature. rewrite relu_neg; [easy|]. right. apply lsum_zero. intros i _.
    rewrite HW by easy. ring. }
  assert (Hread : forall k a, reading X m P' k a = reading X m P k a).
  { intros k a. apply lsum_ext; intros j _. rewrite Hz. destruct (mem j J) eqn:E.
    - rewrite H0 by now apply mem_In. ring.
    - f_equal. unfold P', clear; entries. rewrite E. ring. }
  assert (Hdeep : forall k j, deep X m B P' k j = deep X m B P k j).
  { intros k j. apply deep_ext; [apply Hread | |].
    - intros s. unfold P', clear; entries; ring.
    - apply functional_extensionality; intros d. apply matrix_ext; intros. unfold P', clear; entries; ring. }
  apply matrix_ext; intros k c. apply lsum_ext; intros j _. rewrite Hz, Hdeep. destruct (mem j J) eqn:E.
  - apply mem_In in E. rewrite (H0 k j E). unfold deep. rewrite lsum_zero; [ring|].
    intros s _. rewrite HU by easy. ring.
  - f_equal. unfold P', clear; entries. rewrite E. ring.
Qed.

(** "J and all centres outside B" *)
Definition outside (Bs J : list nat) (ctr : nat -> nat) : Prop :=
  (forall b, In b Bs -> ~ In b J) /\ forall j, In j J -> ~ In (ctr j) Bs.

(** some slots, p of them, span the columns of V *)
Lemma basis_exists P : (outputs X <= m)%nat ->
  exists Bs E, length Bs = outputs X /\ (forall b, In b Bs -> (b < m)%nat) /\ basis m (outputs X) P Bs E.
Proof. exact (spanning_slots m (outputs X) (V P)). Qed.

Lemma at_J (J : list nat) (j : nat) {T : Type} (a b : T) : In j J -> (if mem j J then a else b) = a.
Proof. intros Hj. apply mem_In in Hj. now rewrite Hj. Qed.
End Residual.
