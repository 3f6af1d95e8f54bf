(** T10K [ours] (blueprint-3, section 1): T10 for F = L + kappa S. A neuron's mass is at least the norm of the plane that
    it shows, so a cluster pays l_j(u) + kappa ||u|| at least; the price of a plane that vanishes at a point has T10's
    closed form at the minimiser of that sum. PARALLEL with any bias-free branch, U = 0 at the start; one output.

    Definitions: [slope], g with ||g|| <= 1 and g.u = ||u||: the norm is at least ||u|| + g.(v - u) at every v;
    [penalised_squares], the equations of the minimiser u of l_j(u) + kappa ||u||: G_j u + (kappa/2) g = E[1_(C_j) y x].
    Statements: T10K. *)

From Coq Require Import Reals Lra Psatz List Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums euclidean relu paths.
From Skipscape.networks Require Import networks homogeneous.
From Skipscape.lemmas Require Import losses regulariser.
From Skipscape.theorems Require Import separation positivity clusters.
Import ListNotations.
Open Scope R_scope.

Section Penalised.
Context {C : Type}.
Variables (X : data) (m : nat) (at_row : nat -> nat -> C) (net : (C -> R) -> nat -> nat -> R) (Psi : (C -> R) ->
  vector -> R).
Hypothesis Hom : homogeneous X m at_row net Psi.
Variables (owner : nat -> nat) (kappa : R).
Hypothesis Hkappa : 0 <= kappa.

Notation shown := (shown at_row Psi).
Notation size u := (enorm (seen X) u).

(** "Any convex loss": what leaving the pattern costs, loss and mass together *)
Theorem T10K_barrier (ell : vector -> vector -> R) (mass : (C -> R) -> R) P d :
  (forall k u v, u O = v O -> ell (target X k) u = ell (target X k) v) -> pattern X m at_row owner P ->
  (forall T, \sum_(j < m) size (shown T j) <= mass T) -> mass P = \sum_(j < m) size (shown P j) ->
  (forall j u, (j < m)%nat -> cluster_loss X owner ell j (shown P j) + kappa * size (shown P j)
    <= cluster_loss X owner ell j u + kappa * size u) ->
  (forall j k u, (j < m)%nat -> (k < points X)%nat -> dot X u (input X k) = 0 ->
    cluster_loss X owner ell j (shown P j) + kappa * size (shown P j) + d
    <= cluster_loss X owner ell j u + kappa * size u) ->
  depth_at_least (fun P => mean_loss X ell (net P) + kappa * mass P) P d.
Proof.
  intros Hone Hs Hmass HP Hfit Hexit.
  apply (leaving X m at_row net Psi Hom owner ell Hone (fun u => kappa * size u) (fun T => kappa * mass T)); [easy | | |
    exact Hfit | exact Hexit].
  - intros T. rewrite lsum_scal. now apply Rmult_le_compat_l.
  - rewrite lsum_scal. now f_equal.
Qed.

Definition slope (u g : vector) : Prop := size g <= 1 /\ \sum_(i < seen X) (g i * u i) = size u.
Definition penalised_squares (j : nat) (u : vector) : Prop := exists g, slope u g /\ forall i, (i < seen X)%nat ->
  gram_on X owner j u i + kappa / 2 * g i
    = \sum_(k < points X) (if Nat.eqb (owner k) j then weight X k * target X k O * input X k i else 0).

Lemma slope_below u g v : slope u g -> size u + \sum_(i < seen X) (g i * (v i - u i)) <= size v.
Proof.
  intros [H1 H2]. rewrite (lsum_ext _ _ (fun i => g i * v i - g i * u i)) by (intros; ring). rewrite lsum_minus, H2.
  pose proof (inner_le_norms (seen X) g v). pose proof (enorm_nonneg (seen X) v). nra.
Qed.

(** l_j(v) + kappa ||v|| exceeds its minimum by the quadratic form of G_j at least *)
Lemma penalised_excess j u v : penalised_squares j u -> cluster_loss X owner line_loss j u + kappa * size u
  + \sum_(k < points X) (if Nat.eqb (owner k) j then weight X k * (dot X v (input X k) - dot X u (input X k))^2 else 0)
  <= cluster_loss X owner line_loss j v + kappa * size v.
Proof.
  intros (g & Hg & H). pose proof (slope_below u g v Hg) as Hv.
  rewrite (cluster_expansion X owner j u v).
  rewrite (lsum_ext (seq 0 (seen X)) (fun i => (v i - u i) * _) (fun i => - (kappa / 2) * (g i * (v i - u i)))).
  - rewrite lsum_scal. nra.
  - intros i Hi. apply in_rng in Hi. rewrite <- (H i Hi). ring.
Qed.

(** "inf over u.x = 0 less min is at least (u^_j.x)^2/(x^T G_j^-1 x)"; v = G_j^-1 x *)
Theorem T10K_price j u v k x : penalised_squares j u -> (forall i, (i < seen X)%nat -> gram_on X owner j v i = input X k
    i) ->
  0 < dot X v (input X k) -> dot X x (input X k) = 0 ->
  cluster_loss X owner line_loss j u + kappa * size u + (dot X u (input X k))^2 / dot X v (input X k)
    <= cluster_loss X owner line_loss j x + kappa * size x.
Proof.
  intros Hn Hv Hpos Hx. eapply Rle_trans; [|now apply (penalised_excess j u x)].
  apply Rplus_le_compat_l. now apply (quadratic_price X owner j u v k x).
Qed.

(** "positive", unless the plane is 0 *)
Theorem T10K_positive P j k v : pattern X m at_row owner P -> (j < m)%nat -> (k < points X)%nat -> alone Psi P j <> 0 ->
  0 < dot X v (input X k) -> 0 < (dot X (shown P j) (input X k))^2 / dot X v (input X k).
Proof.
  intros HP Hj Hk Ha Hv. apply Rdiv_lt_0_compat; [|easy]. rewrite dot_shown.
  destruct (HP k j Hk Hj) as [H1 H2].
  assert (dot X (fun i => P (at_row j i)) (input X k) <> 0).
  { destruct (Nat.eq_dec (owner k) j) as [E|E]; [specialize (H1 E) | specialize (H2 E)]; lra. }
  assert (alone Psi P j * dot X (fun i => P (at_row j i)) (input X k) <> 0) by now apply Rmult_integral_contrapositive.
  nra.
Qed.

Theorem T10K_clusters (mass : (C -> R) -> R) P (v : nat -> nat -> vector) d : outputs X = 1%nat ->
  pattern X m at_row owner P ->
  (forall T, \sum_(j < m) size (shown T j) <= mass T) -> mass P = \sum_(j < m) size (shown P j) ->
  (forall j, (j < m)%nat -> penalised_squares j (shown P j)) ->
  (forall j k, (j < m)%nat -> (k < points X)%nat -> (forall i, (i < seen X)%nat -> gram_on X owner j (v j k) i = input X k
      i) /\
    0 < dot X (v j k) (input X k) /\ d <= (dot X (shown P j) (input X k))^2 / dot X (v j k) (input X k)) ->
  depth_at_least (fun P => squared X (net P) + kappa * mass P) P d.
Proof.
  intros Hsc Hs Hmass HP Hn Hv.
  replace (fun P => squared X (net P) + kappa * mass P) with (fun P => mean_loss X line_loss (net P) + kappa * mass P).
  2:{ apply functional_extensionality; intros T. f_equal. symmetry. apply (squared_scalar X Hsc). }
  apply T10K_barrier; [|easy|easy|easy| |].
  - intros k u w E. unfold line_loss. now rewrite E.
  - intros j u Hj. eapply Rle_trans; [|now apply (penalised_excess j (shown P j) u), Hn].
    assert (0 <= \sum_(k < points X) (if Nat.eqb (owner k) j then
      weight X k * (dot X u (input X k) - dot X (shown P j) (input X k))^2 else 0)); [|lra].
    apply lsum_nonneg. intros k _. destruct (Nat.eqb _ _); [|lra].
    apply Rmult_le_pos; [apply weight_nonneg | apply pow2_ge_0].
  - intros j k u Hj Hk E. destruct (Hv j k Hj Hk) as (H1 & H2 & H3).
    eapply Rle_trans; [|now apply (T10K_price j (shown P j) (v j k) k u (Hn j Hj) H1 H2 E)]. lra.
Qed.
End Penalised.

(** * PARALLEL, S with the network's own Lambda *)

Section Parallel.
Variables (X : data) (m : nat) (owner : nat -> nat) (B : branch) (opn : matrix -> R) (lip : (nat -> matrix) -> R).
Hypothesis one_output : outputs X = 1%nat.
Hypothesis HB : ray B.
Hypothesis Hg : gauges X B opn lip.

Notation plane T j := (shown InW (parallel_top m B) T j).

Lemma ray_zero q : act B q (fun _ => 0) = fun _ => 0.
Proof.
  pose proof (HB q 0 (fun _ => 0) (Rle_refl 0)) as H.
  cbv beta in H. replace (fun i : nat => 0 * 0) with (fun _ : nat => 0) in H by (apply functional_extensionality; intros; ring).
  rewrite H. apply functional_extensionality; intros s. ring.
Qed.

Lemma one_norm u : enorm (outputs X) u = Rabs (u O).
Proof.
  rewrite one_output. unfold enorm, wnorm. simpl. rewrite <- sqrt_Rsqr_abs. f_equal. unfold Rsqr. ring.
Qed.

(** "|Psi(e_j)| <= ||V_j|| + Lambda ||A_j||" *)
Lemma top_bound T j : (j < m)%nat -> Rabs (alone (parallel_top m B) T j)
  <= enorm (outputs X) (V T j) + gain opn lip T * enorm (branch_in B) (A T j).
Proof.
  intros Hj. rewrite (parallel_alone m B T j Hj). eapply Rle_trans; [apply Rabs_triang|]. rewrite (one_norm (V T j)).
  apply Rplus_le_compat_l. destruct Hg as (Hop & _ & _ & Hl). destruct (Hop (U T)) as [Hu0 Hu].
  destruct (Hl (Q T)) as [Hl0 Hq]. specialize (Hu (act B (Q T) (A T j))). rewrite one_norm in Hu.
  specialize (Hq (A T j) (fun _ => 0)). rewrite ray_zero in Hq.
  rewrite (enorm_ext (branch_out B) _ (act B (Q T) (A T j))) in Hq by (intros; ring).
  rewrite (enorm_ext (branch_in B) _ (A T j)) in Hq by (intros; ring).
  eapply Rle_trans; [exact Hu|]. unfold gain. rewrite Rmult_assoc. now apply Rmult_le_compat_l.
Qed.

Lemma plane_norm T j : enorm (seen X) (plane T j) = Rabs (alone (parallel_top m B) T j) * enorm (seen X) (W T j).
Proof. unfold shown. unfold enorm. rewrite wnorm_scal. reflexivity. Qed.

Theorem T10K_parallel kappa P v d : 0 <= kappa -> (forall c s, U P c s = 0) -> pattern X m InW owner P ->
  (forall j, (j < m)%nat -> penalised_squares X owner kappa j (plane P j)) ->
  (forall j k, (j < m)%nat -> (k < points X)%nat ->
    (forall i, (i < seen X)%nat -> gram_on X owner j (v j k) i = input X k i) /\ 0 < dot X (v j k) (input X k) /\
    d <= (dot X (plane P j) (input X k))^2 / dot X (v j k) (input X k)) ->
  depth_at_least (fun P => squared X (parallel X m B P) + kappa * total_mass X m B opn lip P) P d.
Proof.
  intros Hk HU Hs Hn Hv.
  apply (T10K_clusters X m InW _ _ (parallel_homogeneous X m B HB) owner kappa Hk (total_mass X m B opn lip) P v d); try
    assumption.
  - intros T. unfold total_mass, mass. apply lsum_le. intros j Hj. apply in_rng in Hj. rewrite plane_norm.
    unfold neuron_mass. rewrite Rmult_comm. apply Rmult_le_compat_l; [apply enorm_nonneg | now apply top_bound].
  - unfold total_mass, mass. apply lsum_ext. intros j Hj. apply in_rng in Hj. rewrite plane_norm.
    unfold neuron_mass. rewrite (gain_off X B opn lip Hg P HU), (parallel_alone m B P j Hj), one_norm.
    rewrite (lsum_zero _ (fun s => U P O s * _)) by (intros; rewrite HU; ring). rewrite Rplus_0_r. ring.
Qed.
End Parallel.
