(** T10 [ours; the idea known] (blueprint-3, section 1): a valley at every width that no branch removes. Each of m
    neurons is the only one to see its cluster of points; a network that is positively homogeneous above the first
    layer is linear on each cluster until the sign pattern breaks, and breaking it costs what the data fix. PARALLEL,
    RESIDUAL, PLAIN, STREAM, POST with any bias-free branches, live or not; one output, kappa = 0.

    Definitions: [alone], Psi(e_j); [shown], u_j = Psi(e_j) w_j, the linear function on cluster j; [cluster_loss],
    l_j(u); [pattern], theta's signs, strictly; [weakly], the same weakly; [line_loss], squared error of one output;
    [gram_on], G_j v; [least_squares], u solves the normal equations of cluster j: u is u^_j; [post_state], z_n of POST as
    a function of the first-layer units, [post_top], the Psi of POST.
    Statements: T10. *)

From Coq Require Import Reals Lra Psatz List Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums relu paths zeros.
From Skipscape.networks Require Import networks blocks homogeneous.
From Skipscape.lemmas Require Import losses.
From Skipscape.theorems Require Import separation positivity post.
Import ListNotations.
Open Scope R_scope.

Section Clusters.
Context {C : Type}.
Variables (X : data) (m : nat) (at_row : nat -> nat -> C) (net : (C -> R) -> nat -> nat -> R) (Psi : (C -> R) ->
  vector -> R).
Hypothesis Hom : homogeneous X m at_row net Psi.
(** which cluster a point belongs to; C_0 are the points whose owner is m or more *)
Variable owner : nat -> nat.

Notation row P j := (fun i => P (at_row j i)).
Definition alone (P : C -> R) (j : nat) : R := Psi P (kronecker j).
Definition shown (P : C -> R) (j : nat) : vector := fun i => alone P j * P (at_row j i).

Section AnyLoss.
Variable ell : vector -> vector -> R.
Hypothesis one_output : forall k u v, u O = v O -> ell (target X k) u = ell (target X k) v.

Definition cluster_loss (j : nat) (u : vector) : R :=
  \sum_(k < points X) (if Nat.eqb (owner k) j then weight X k * ell (target X k) (fun _ => dot X u (input X k)) else 0).

Definition weakly (P : C -> R) : Prop := forall k j, (k < points X)%nat -> (j < m)%nat ->
  (owner k = j -> 0 <= dot X (row P j) (input X k)) /\ (owner k <> j -> dot X (row P j) (input X k) <= 0).
Definition pattern (P : C -> R) : Prop := forall k j, (k < points X)%nat -> (j < m)%nat ->
  (owner k = j -> 0 < dot X (row P j) (input X k)) /\ (owner k <> j -> dot X (row P j) (input X k) < 0).

Lemma dot_shown P j k : dot X (shown P j) (input X k) = alone P j * dot X (row P j) (input X k).
Proof. unfold dot, shown. rewrite <- lsum_scal. apply lsum_ext; intros; ring. Qed.

Lemma weakly_output P k : weakly P -> (k < points X)%nat ->
  net P k O = if Nat.ltb (owner k) m then dot X (shown P (owner k)) (input X k) else 0.
Proof.
  intros H Hk. destruct Hom as (reads & local & scale). rewrite reads. destruct (Nat.ltb_spec (owner k) m) as [Ho|Ho].
  - rewrite dot_shown. unfold alone. destruct (H k (owner k) Hk Ho) as [H1 _]. specialize (H1 eq_refl).
    rewrite Rmult_comm, <- scale by easy. apply local. intros j Hj. unfold kronecker.
    destruct (Nat.eqb_spec (owner k) j) as [<-|Hne]; [rewrite relu_pos by easy; ring|].
    rewrite relu_neg; [ring | now apply (H k j Hk Hj)].
  - rewrite (local P _ (fun j => 0 * kronecker O j)), scale; [ring | lra |]. intros j Hj.
    rewrite relu_neg; [ring|]. apply (H k j Hk Hj). lia.
Qed.

Lemma weakly_loss P : weakly P -> mean_loss X ell (net P) = \sum_(j < m) (cluster_loss j (shown P j))
  + \sum_(k < points X) (if Nat.ltb (owner k) m then 0 else weight X k * ell (target X k) (fun _ => 0)).
Proof.
  intros H. unfold mean_loss, cluster_loss. rewrite lsum_swap, <- lsum_plus. apply lsum_ext. intros k Hk.
  apply in_rng in Hk.
  pose proof (weakly_output P k H Hk) as E. destruct (Nat.ltb_spec (owner k) m) as [Ho|Ho].
  - rewrite (lsum_delta m (owner k) (fun j => weight X k * ell (target X k) (fun _ => dot X (shown P j) (input X k))))
      by easy.
    rewrite (one_output k (net P k) (fun _ => dot X (shown P (owner k)) (input X k))) by exact E. ring.
  - rewrite (one_output k (net P k) (fun _ => 0)) by exact E. rewrite lsum_zero; [ring|]. intros j Hj.
    apply in_rng in Hj.
    destruct (Nat.eqb_spec (owner k) j); [lia | easy].
Qed.

(** what is added to the loss, if it is at least a sum over the shown planes: nothing in T10, the mass in T10K *)
Lemma leaving (pen : vector -> R) (extra : (C -> R) -> R) P d : pattern P ->
  (forall T, \sum_(j < m) pen (shown T j) <= extra T) -> extra P = \sum_(j < m) pen (shown P j) ->
  (forall j u, (j < m)%nat -> cluster_loss j (shown P j) + pen (shown P j) <= cluster_loss j u + pen u) ->
  (forall j k u, (j < m)%nat -> (k < points X)%nat -> dot X u (input X k) = 0 ->
    cluster_loss j (shown P j) + pen (shown P j) + d <= cluster_loss j u + pen u) ->
  depth_at_least (fun P => mean_loss X ell (net P) + extra P) P d.
Proof.
  intros Hs Hpen HP0 Hfit Hexit gam Hg g0 Hend.
  assert (HP : weakly P).
  { intros k j Hk Hj. destruct (Hs k j Hk Hj) as [H1 H2]. split; intros E; left; auto. }
  set (g := fun t n => (if Nat.eqb (owner (n / m)) (n mod m) then 1 else -1)
                        * dot X (row (gam t) (n mod m)) (input X (n / m))).
  assert (Hdec : forall n, (n < points X * m)%nat -> (n / m < points X)%nat /\ (n mod m < m)%nat).
  { intros n Hn. destruct m as [|m']; [lia|]. split; [apply Nat.div_lt_upper_bound; lia | apply Nat.mod_upper_bound;
      lia]. }
  assert (Hpat : forall t, (forall n, (n < points X * m)%nat -> 0 <= g t n) -> weakly (gam t)).
  { intros t Ht k j Hk Hj. specialize (Ht (k * m + j)%nat ltac:(nia)). unfold g in Ht.
    assert (Ed : ((k * m + j) / m = k)%nat) by (rewrite Nat.div_add_l by lia; rewrite Nat.div_small; lia).
    assert (Em : ((k * m + j) mod m = j)%nat) by (rewrite Nat.add_comm, Nat.mod_add by lia; now apply Nat.mod_small).
    rewrite Ed, Em in Ht.
    split; intros E; [rewrite (proj2 (Nat.eqb_eq _ _) E) in Ht | rewrite (proj2 (Nat.eqb_neq _ _) E) in Ht]; lra. }
  set (part := fun T j => cluster_loss j (shown T j) + pen (shown T j)).
  assert (Hparts : forall T, \sum_(j < m) cluster_loss j (shown T j) = \sum_(j < m) part T j - \sum_(j < m) pen (shown
    T j)).
  { intros T. rewrite <- lsum_minus. apply lsum_ext; intros. unfold part. ring. }
  assert (Hsum : forall t, weakly (gam t) -> mean_loss X ell (net P) + extra P
    <= mean_loss X ell (net (gam t)) + extra (gam t)).
  { intros t Ht. rewrite (weakly_loss P HP), (weakly_loss _ Ht), HP0, !Hparts. specialize (Hpen (gam t)).
    assert (\sum_(j < m) part P j <= \sum_(j < m) part (gam t) j); [|lra]. apply lsum_le.
    intros j Hj. apply in_rng in Hj. now apply Hfit. }
  destruct (first_zero (points X * m) g) as (t & n & Ht & Hn & E & Hge).
  - intros n. unfold g. apply (continuity_scal (fun t => dot X (row (gam t) (n mod m)) (input X (n / m)))).
    unfold dot. apply (lsum_continuous (seq 0 (seen X)) (fun t i => gam t (at_row (n mod m) i) * input X (n / m) i)).
    intros i. apply (continuity_ext (fun t => input X (n / m) i * gam t (at_row (n mod m) i))); [intros; ring|].
    apply (continuity_scal (fun t => gam t (at_row (n mod m) i))). apply (Hg (at_row (n mod m) i)).
  - intros n Hn. destruct (Hdec n Hn) as [Hk Hj]. unfold g. rewrite g0.
    destruct (Hs (n / m)%nat (n mod m) Hk Hj) as [H1 H2].
    destruct (Nat.eqb_spec (owner (n / m)) (n mod m)) as [E|E]; [specialize (H1 E) | specialize (H2 E)]; lra.
  - destruct (some_negative (points X * m) (g 1)) as [H|H]; [|exact H]. pose proof (Hsum 1 (Hpat 1 H)). lra.
  - exists t. split; [easy|]. pose proof (Hpat t Hge) as Ht'. destruct (Hdec n Hn) as [Hk Hj].
    assert (E0 : dot X (shown (gam t) (n mod m)) (input X (n / m)) = 0).
    { rewrite dot_shown. unfold g in E. destruct (Nat.eqb _ _);
        replace (dot X (row (gam t) (n mod m)) (input X (n / m))) with 0 by lra; ring. }
    rewrite (weakly_loss P HP), (weakly_loss _ Ht'), HP0, !Hparts. specialize (Hpen (gam t)).
    pose proof (lsum_term (seq 0 m) (fun j => part (gam t) j - part P j) (n mod m)) as HT.
    cbv beta in HT. rewrite lsum_minus in HT.
    pose proof (Hexit (n mod m) (n / m)%nat _ Hj Hk E0) as He.
    assert (part (gam t) (n mod m) - part P (n mod m) <= \sum_(j < m) part (gam t) j - \sum_(j < m) part P j).
    { apply HT; [|now apply in_rng]. intros j Hj'. apply in_rng in Hj'. pose proof (Hfit j (shown (gam t) j) Hj').
      unfold part. lra. }
    unfold part at 1 2 in H. lra.
Qed.

(** "Any convex loss: delta = min_(j,x) (inf over u.x = 0 of l_j - min l_j)"; convexity is not used *)
Theorem T10_barrier P d : pattern P ->
  (forall j u, (j < m)%nat -> cluster_loss j (shown P j) <= cluster_loss j u) ->
  (forall j k u, (j < m)%nat -> (k < points X)%nat -> dot X u (input X k) = 0 ->
    cluster_loss j (shown P j) + d <= cluster_loss j u) ->
  depth_at_least (fun P => mean_loss X ell (net P)) P d.
Proof.
  intros Hs Hfit Hexit.
  replace (fun P => mean_loss X ell (net P)) with (fun P => mean_loss X ell (net P) + 0)
    by (apply functional_extensionality; intros; ring).
  apply (leaving (fun _ => 0) (fun _ => 0)); [easy | | | |].
  - intros T. right. now apply lsum_zero.
  - symmetry. now apply lsum_zero.
  - intros j u Hj. rewrite !Rplus_0_r. now apply Hfit.
  - intros j k u Hj Hk E. rewrite !Rplus_0_r. now apply (Hexit j k).
Qed.
End AnyLoss.

(** * Squared error: the price in closed form *)

Definition line_loss (y u : vector) : R := (u O - y O)^2.
(** G_j v, and the normal equations G_j u = E[1_(C_j) y x] *)
Definition gram_on (j : nat) (v : vector) (i : nat) : R :=
  \sum_(k < points X) (if Nat.eqb (owner k) j then weight X k * dot X v (input X k) * input X k i else 0).
Definition least_squares (j : nat) (u : vector) : Prop := forall i, (i < seen X)%nat ->
  gram_on j u i = \sum_(k < points X) (if Nat.eqb (owner k) j then weight X k * target X k O * input X k i else 0).

Lemma dot_difference u v x : dot X (fun i => u i - v i) x = dot X u x - dot X v x.
Proof. unfold dot. rewrite <- lsum_minus. apply lsum_ext; intros; ring. Qed.

Lemma dot_through j (c : nat -> R) u : dot X u (fun i => \sum_(k < points X) (if Nat.eqb (owner k) j then c k * input
  X k i else 0))
  = \sum_(k < points X) (if Nat.eqb (owner k) j then c k * dot X u (input X k) else 0).
Proof.
  unfold dot. rewrite (lsum_ext _ _ (fun i => \sum_(k < points X) (if Nat.eqb (owner k) j then u i * (c k * input X k
    i) else 0))).
  - rewrite lsum_swap. apply lsum_ext. intros k _. destruct (Nat.eqb (owner k) j).
    + rewrite <- lsum_scal. apply lsum_ext; intros; ring.
    + apply lsum_zero; intros; ring.
  - intros i _. rewrite <- lsum_scal. apply lsum_ext. intros k _. destruct (Nat.eqb _ _); ring.
Qed.

Lemma inner_residual j u z : \sum_(k < points X) (if Nat.eqb (owner k) j then
    weight X k * (dot X u (input X k) - target X k O) * dot X z (input X k) else 0)
  = \sum_(i < seen X) (z i * (gram_on j u i
      - \sum_(k < points X) (if Nat.eqb (owner k) j then weight X k * target X k O * input X k i else 0))).
Proof.
  rewrite <- (dot_through j (fun k => weight X k * (dot X u (input X k) - target X k O)) z).
  apply lsum_ext. intros i _. f_equal. unfold gram_on. rewrite <- lsum_minus. apply lsum_ext. intros k _.
  destruct (Nat.eqb _ _); ring.
Qed.

(** y^T G_j v = y.x where G_j v = x *)
Lemma gram_inner j v k y : (forall i, (i < seen X)%nat -> gram_on j v i = input X k i) ->
  \sum_(n < points X) (if Nat.eqb (owner n) j then weight X n * dot X v (input X n) * dot X y (input X n) else 0)
  = dot X y (input X k).
Proof.
  intros Hv. rewrite <- (dot_through j (fun n => weight X n * dot X v (input X n)) y). unfold dot at 1 3.
  apply lsum_ext. intros i Hi. apply in_rng in Hi. fold (gram_on j v i). now rewrite (Hv i Hi).
Qed.

(** l_j(v) - l_j(u) is the quadratic form of G_j, and twice G_j u - E[1_(C_j) y x] at v - u *)
Lemma cluster_expansion j u v : cluster_loss line_loss j v = cluster_loss line_loss j u
  + \sum_(k < points X) (if Nat.eqb (owner k) j then weight X k * (dot X v (input X k) - dot X u (input X k))^2 else 0)
  + 2 * \sum_(i < seen X) ((v i - u i) * (gram_on j u i
      - \sum_(k < points X) (if Nat.eqb (owner k) j then weight X k * target X k O * input X k i else 0))).
Proof.
  rewrite <- (inner_residual j u (fun i => v i - u i)). unfold cluster_loss, line_loss. rewrite <- lsum_scal, <- !lsum_plus. apply lsum_ext. intros k _.
  rewrite dot_difference. destruct (Nat.eqb _ _); ring.
Qed.

Lemma cluster_excess j u v : least_squares j u -> cluster_loss line_loss j v = cluster_loss line_loss j u
  + \sum_(k < points X) (if Nat.eqb (owner k) j then weight X k * (dot X v (input X k) - dot X u (input X k))^2 else 0).
Proof.
  intros H. rewrite (cluster_expansion j u v), (lsum_zero _ (fun i => (v i - u i) * _)); [ring|]. intros i Hi.
  apply in_rng in Hi. rewrite (H i Hi). ring.
Qed.

(** Cauchy-Schwarz: the quadratic form of G_j at x - u is at least (u.x_k)^2/(x_k^T G_j^-1 x_k) where x.x_k = 0 *)
Lemma quadratic_price j u v k x : (forall i, (i < seen X)%nat -> gram_on j v i = input X k i) ->
  0 < dot X v (input X k) -> dot X x (input X k) = 0 ->
  (dot X u (input X k))^2 / dot X v (input X k) <= \sum_(k < points X) (if Nat.eqb (owner k) j then
    weight X k * (dot X x (input X k) - dot X u (input X k))^2 else 0).
Proof.
  intros Hv Hpos Hx.
  set (vx := dot X v (input X k)) in *. set (ux := dot X u (input X k)).
  pose proof (fun y => gram_inner j v k y Hv) as Ht.
  set (s := ux / vx).
  assert (Hsq : 0 <= \sum_(k' < points X) (if Nat.eqb (owner k') j then
      weight X k' * (dot X x (input X k') - dot X u (input X k') + s * dot X v (input X k'))^2 else 0)).
  { apply lsum_nonneg. intros k' _. destruct (Nat.eqb _ _); [|lra].
    apply Rmult_le_pos; [apply weight_nonneg | apply pow2_ge_0]. }
  assert (E : \sum_(k' < points X) (if Nat.eqb (owner k') j then
      weight X k' * (dot X x (input X k') - dot X u (input X k') + s * dot X v (input X k'))^2 else 0)
    = \sum_(k' < points X) (if Nat.eqb (owner k') j then weight X k' * (dot X x (input X k') - dot X u (input X k'))^2
      else 0)
      + 2 * s * (dot X x (input X k) - ux) + s^2 * vx).
  { unfold ux, vx. rewrite <- (Ht x), <- (Ht u), <- (Ht v), <- lsum_minus, <- !lsum_scal, <- !lsum_plus.
    apply lsum_ext. intros k' _. destruct (Nat.eqb _ _); ring. }
  rewrite E, Hx in Hsq. assert (Es : 2 * s * (0 - ux) + s^2 * vx = - (ux^2 / vx)) by (unfold s; field; lra). lra.
Qed.

(** "l_j(u) - l_j(u^_j) >= (u^_j.x)^2/(x^T G_j^-1 x)" where u.x = 0; v = G_j^-1 x *)
Theorem T10_price j u v k x : least_squares j u -> (forall i, (i < seen X)%nat -> gram_on j v i = input X k i) ->
  0 < dot X v (input X k) -> dot X x (input X k) = 0 ->
  cluster_loss line_loss j u + (dot X u (input X k))^2 / dot X v (input X k) <= cluster_loss line_loss j x.
Proof.
  intros Hn Hv Hpos Hx. rewrite (cluster_excess j u x Hn). apply Rplus_le_compat_l. now apply (quadratic_price j u v k x).
Qed.

(** T10: depth(theta) >= d for every d <= (u^_j.x)^2/(x^T G_j^-1 x), x over all data points; v j k = G_j^-1 x_k *)
Theorem T10_clusters P (v : nat -> nat -> vector) d : outputs X = 1%nat -> pattern P ->
  (forall j, (j < m)%nat -> least_squares j (shown P j)) ->
  (forall j k, (j < m)%nat -> (k < points X)%nat -> (forall i, (i < seen X)%nat -> gram_on j (v j k) i = input X k i) /\
    0 < dot X (v j k) (input X k) /\ d <= (dot X (shown P j) (input X k))^2 / dot X (v j k) (input X k)) ->
  depth_at_least (fun P => squared X (net P)) P d.
Proof.
  intros Hsc Hs Hn Hv.
  replace (fun P => squared X (net P)) with (fun P => mean_loss X line_loss (net P)).
  2:{ apply functional_extensionality; intros T. symmetry. apply (squared_scalar X Hsc). }
  apply (T10_barrier line_loss); [|easy| |].
  - intros k u w E. unfold line_loss. now rewrite E.
  - intros j u Hj. rewrite (cluster_excess j _ u (Hn j Hj)).
    assert (0 <= \sum_(k < points X) (if Nat.eqb (owner k) j then
      weight X k * (dot X u (input X k) - dot X (shown P j) (input X k))^2 else 0)); [|lra].
    apply lsum_nonneg. intros k _. destruct (Nat.eqb _ _); [|lra].
    apply Rmult_le_pos; [apply weight_nonneg | apply pow2_ge_0].
  - intros j k u Hj Hk E. destruct (Hv j k Hj Hk) as (H1 & H2 & H3).
    eapply Rle_trans; [|now apply (T10_price j (shown P j) (v j k) k u (Hn j Hj) H1 H2 E)]. lra.
Qed.
End Clusters.

(** Psi(e_j) = V_j + U q(A_j) in PARALLEL *)
Lemma parallel_alone m B T j : (j < m)%nat -> alone (parallel_top m B) T j
  = V T j O + \sum_(s < branch_out B) (U T O s * act B (Q T) (A T j) s).
Proof.
  intros Hj. unfold alone, parallel_top. f_equal.
  - rewrite <- (lsum_delta m j (fun i => V T i O) Hj). apply lsum_ext; intros i _. unfold kronecker.
    destruct (Nat.eqb j i); ring.
  - apply lsum_ext; intros s _. do 2 f_equal. apply functional_extensionality; intros a.
    rewrite <- (lsum_delta m j (fun i => A T i a) Hj). apply lsum_ext; intros i _. unfold kronecker.
    destruct (Nat.eqb j i); ring.
Qed.

(** the classes, with any bias-free branches; what neuron j shows on its cluster is read off the weights *)
Section Classes.
Variables (X : data) (m : nat) (owner : nat -> nat).
Hypothesis one_output : outputs X = 1%nat.

Theorem T10_parallel B P v d : ray B -> pattern X m InW owner P ->
  (forall j, (j < m)%nat -> least_squares X owner j (shown InW (parallel_top m B) P j)) ->
  (forall j k, (j < m)%nat -> (k < points X)%nat ->
    (forall i, (i < seen X)%nat -> gram_on X owner j (v j k) i = input X k i) /\ 0 < dot X (v j k) (input X k) /\
    d <= (dot X (shown InW (parallel_top m B) P j) (input X k))^2 / dot X (v j k) (input X k)) ->
  depth_at_least (fun P => squared X (parallel X m B P)) P d.
Proof. intros HB. apply (T10_clusters X m InW _ _ (parallel_homogeneous X m B HB) owner P v d one_output). Qed.

Theorem T10_residual B P v d : ray B -> pattern X m InW owner P ->
  (forall j, (j < m)%nat -> least_squares X owner j (shown InW (residual_top m B) P j)) ->
  (forall j k, (j < m)%nat -> (k < points X)%nat ->
    (forall i, (i < seen X)%nat -> gram_on X owner j (v j k) i = input X k i) /\ 0 < dot X (v j k) (input X k) /\
    d <= (dot X (shown InW (residual_top m B) P j) (input X k))^2 / dot X (v j k) (input X k)) ->
  depth_at_least (fun P => squared X (residual X m B P)) P d.
Proof. intros HB. apply (T10_clusters X m InW _ _ (residual_homogeneous X m B HB) owner P v d one_output). Qed.

Theorem T10_stream K Bl P v d : (forall k, ray (Bl k)) -> pattern X m StreamW owner P ->
  (forall j, (j < m)%nat -> least_squares X owner j (shown StreamW (stream_top m K Bl) P j)) ->
  (forall j k, (j < m)%nat -> (k < points X)%nat ->
    (forall i, (i < seen X)%nat -> gram_on X owner j (v j k) i = input X k i) /\ 0 < dot X (v j k) (input X k) /\
    d <= (dot X (shown StreamW (stream_top m K Bl) P j) (input X k))^2 / dot X (v j k) (input X k)) ->
  depth_at_least (fun P => squared X (stream X m K Bl P)) P d.
Proof. intros HB. apply (T10_clusters X m StreamW _ _ (stream_homogeneous X m K Bl HB) owner P v d one_output). Qed.

(** z_n of POST as a function of the first-layer units *)
Fixpoint post_state (Bl : nat -> branch) (P : stream_param) (n : nat) (v : vector) : vector :=
  match n with
  | O => v
  | S n => fun j => relu (post_state Bl P n v j + \sum_(s < branch_out (Bl n)) (sU P n j s *
      act (Bl n) (sQ P n) (fun a => \sum_(i < m) (sA P n i a * post_state Bl P n v i)) s))
  end.
Definition post_top (K : nat) (Bl : nat -> branch) (P : stream_param) (v : vector) : R :=
  \sum_(j < m) (sV P j O * post_state Bl P K v j).

Lemma post_homogeneous K Bl : (forall k, ray (Bl k)) -> homogeneous X m StreamW (post X m K Bl) (post_top K Bl).
Proof.
  intros HB. split; [|split].
  - intros P k. unfold post, post_top. apply lsum_ext; intros j _. f_equal.
    enough (E : forall n, pstate X m Bl P n k = post_state Bl P n (stream_feature X P k)) by now rewrite E.
    induction n as [|n IH]; [easy|]. cbn [pstate post_state]. now rewrite IH.
  - intros P v v' H. apply lsum_ext; intros j Hj. apply in_rng in Hj. f_equal. revert j Hj.
    induction K as [|n IH]; [exact H|]. intros j Hj. cbn [post_state]. rewrite (IH j Hj). do 2 f_equal.
    now rewrite (reading_local m (sA P n) _ _ IH).
  - intros P c v Hc. unfold post_top. rewrite <- lsum_scal. apply lsum_ext; intros j _.
    assert (E : forall n, post_state Bl P n (fun j => c * v j) = fun j => c * post_state Bl P n v j).
    { induction n as [|n IH]; [easy|]. cbn [post_state]. rewrite IH, reading_scal, (HB n) by easy.
      apply functional_extensionality; intros i. rewrite <- L1a_homogeneous by easy. f_equal.
      rewrite Rmult_plus_distr_l, <- lsum_scal. f_equal. apply lsum_ext; intros; ring. }
    rewrite E. ring.
Qed.

Theorem T10_post K Bl P v d : (forall k, ray (Bl k)) -> pattern X m StreamW owner P ->
  (forall j, (j < m)%nat -> least_squares X owner j (shown StreamW (post_top K Bl) P j)) ->
  (forall j k, (j < m)%nat -> (k < points X)%nat ->
    (forall i, (i < seen X)%nat -> gram_on X owner j (v j k) i = input X k i) /\ 0 < dot X (v j k) (input X k) /\
    d <= (dot X (shown StreamW (post_top K Bl) P j) (input X k))^2 / dot X (v j k) (input X k)) ->
  depth_at_least (fun P => squared X (post X m K Bl P)) P d.
Proof. intros HB. apply (T10_clusters X m StreamW _ _ (post_homogeneous K Bl HB) owner P v d one_output). Qed.
End Classes.
