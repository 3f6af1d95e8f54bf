(** T8a [ours] (blueprint-2, section 2): the positivity barrier. One output, every V_j > 0 at theta; if networks with
    V >= 0 are no better than theta, a better end has some V_j < 0, so some V_j is 0 on the way, none negative: the
    path reaches the level of the best such network. And what T8b needs of linear algebra: fewer than m nonnegative
    vectors miss the identity.

    Definitions: [kronecker], 1 where the indices agree, 0 elsewhere.
    Statements: T8a. *)

From Coq Require Import Reals Lra Psatz List Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums linear paths zeros.
From Skipscape.networks Require Import networks.
Import ListNotations.
Open Scope R_scope.

(** Any data, any loss, any objective, any number of first-layer units that count *)
Theorem T8a_positivity m (F : param -> R) P c :
  (forall j, (j < m)%nat -> 0 < V P j O) ->
  (forall T, (forall j, (j < m)%nat -> 0 <= V T j O) -> F P <= F T) ->
  (forall T j, (j < m)%nat -> V T j O = 0 -> (forall i, (i < m)%nat -> 0 <= V T i O) -> c <= F T) ->
  depth_at_least F P (c - F P).
Proof.
  intros Hpos Hbest Hless gam Hg g0 Hend.
  destruct (first_zero m (fun t j => V (gam t) j O)) as (t & j & Ht & Hj & E & Hge).
  - intros j. apply (Hg (InV j O)).
  - intros j Hj. rewrite g0. now apply Hpos.
  - destruct (some_negative m (fun j => V (gam 1) j O)) as [H|H]; [|exact H]. pose proof (Hbest (gam 1) H). lra.
  - exists t. split; [easy|]. pose proof (Hless (gam t) j Hj E Hge). lra.
Qed.

(** "theta is then a local minimum": no V_j loses its sign nearby *)
Theorem T8a_local m (F : param -> R) P :
  (forall j, (j < m)%nat -> 0 < V P j O) ->
  (forall T, (forall j, (j < m)%nat -> 0 <= V T j O) -> F P <= F T) ->
  exists eps, 0 < eps /\ forall T, (forall x, Rabs (T x - P x) <= eps) -> F P <= F T.
Proof.
  intros Hpos Hbest. exists (least m (fun j => V P j O)). split; [now apply least_pos|]. intros T HT. apply Hbest.
  intros j Hj. specialize (HT (InV j O)). pose proof (least_le m (fun j => V P j O) j Hj) as Hl. cbv beta in Hl.
  change (T (InV j O)) with (V T j O) in HT. change (P (InV j O)) with (V P j O) in HT.
  revert HT. unfold Rabs. destruct Rcase_abs; lra.
Qed.

Definition kronecker (i k : nat) : R := if Nat.eqb i k then 1 else 0.

(** the Gram matrix of m vectors of which one is 0 misses the identity by at least 1, squared *)
Lemma gram_misses m (a : nat -> nat -> R) j0 : (j0 < m)%nat -> (forall i, a j0 i = 0) ->
  1 <= \sum_(i < m) \sum_(k < m) (kronecker i k - \sum_(j < m) (a j i * a j k))^2.
Proof.
  intros Hj0 H0. destruct m as [|m']; [lia|].
  set (s := fun k => if Nat.ltb k j0 then k else S k).
  destruct (dependent m' (seq 0 (S m')) (fun i k => a (s k) i) (seq_NoDup _ _)) as (x & (i0 & Hi0 & Hx0) & Hx).
  { rewrite seq_length. lia. }
  set (m := S m') in *. set (G := fun i k => \sum_(j < m) (a j i * a j k)).
  (* G x = 0 *)
  assert (Hker : forall j, (j < m)%nat -> \sum_(i < m) (x i * a j i) = 0).
  { intros j Hj. destruct (Nat.eq_dec j j0) as [->|Hne].
    - apply lsum_zero. intros i _. rewrite H0. ring.
    - destruct (Nat.ltb_spec j j0) as [Hlt|Hge].
      + assert (Es : s j = j) by (unfold s; rewrite (proj2 (Nat.ltb_lt j j0) Hlt); easy).
        pose proof (Hx j ltac:(lia)) as H. rewrite Es in H. exact H.
      + assert (Es : s (j - 1)%nat = j).
        { unfold s. rewrite (proj2 (Nat.ltb_ge (j - 1) j0)) by lia. lia. }
        pose proof (Hx (j - 1)%nat ltac:(unfold m in Hj; lia)) as H. rewrite Es in H. exact H. }
  assert (HGx : forall i, \sum_(k < m) (G i k * x k) = 0).
  { intros i. unfold G. rewrite (lsum_ext _ _ (fun k => \sum_(j < m) (a j i * (x k * a j k)))).
    - rewrite lsum_swap. apply lsum_zero. intros j Hj. apply in_rng in Hj. rewrite lsum_scal, Hker by easy. ring.
    - intros k _. rewrite <- lsum_scal_r. apply lsum_ext; intros; ring. }
  set (n2 := \sum_(i < m) (x i)^2).
  assert (Hn2 : 0 < n2).
  { apply Rlt_le_trans with ((x i0)^2); [nra|]. apply (lsum_term (seq 0 m) (fun i => (x i)^2)); [intros; nra | easy]. }
  set (M := fun i k => kronecker i k - G i k).
  assert (HMx : forall i, (i < m)%nat -> \sum_(k < m) (M i k * x k) = x i).
  { intros i Hi. rewrite (lsum_ext _ _ (fun k => (if Nat.eqb i k then x k else 0) - G i k * x k)).
    - rewrite lsum_minus, HGx, lsum_delta by easy. ring.
    - intros k _. unfold M, kronecker. destruct (Nat.eqb i k); ring. }
  assert (Hmix : \sum_(i < m) \sum_(k < m) (M i k * (x i * x k)) = n2).
  { unfold n2. apply lsum_ext. intros i Hi. apply in_rng in Hi.
    rewrite (lsum_ext _ _ (fun k => x i * (M i k * x k))) by (intros; ring). rewrite lsum_scal, HMx by easy. ring. }
  assert (Hxx : \sum_(i < m) \sum_(k < m) ((x i * x k)^2) = n2 * n2).
  { rewrite (lsum_ext _ _ (fun i => (x i)^2 * n2)).
    - rewrite lsum_scal_r. easy.
    - intros i _. unfold n2. rewrite <- lsum_scal. apply lsum_ext; intros; ring. }
  assert (Hsq : 0 <= \sum_(i < m) \sum_(k < m) ((M i k - x i * x k / n2)^2)) by
    (apply lsum_nonneg; intros; apply lsum_nonneg; intros; apply pow2_ge_0).
  assert (Hexp : \sum_(i < m) \sum_(k < m) ((M i k - x i * x k / n2)^2)
    = \sum_(i < m) \sum_(k < m) (M i k)^2 - 2 / n2 * n2 + / n2 * / n2 * (n2 * n2)).
  { rewrite <- Hmix at 2. rewrite <- Hxx. rewrite <- !lsum_scal, <- lsum_minus, <- lsum_plus.
    apply lsum_ext; intros i _.
    rewrite <- !lsum_scal, <- lsum_minus, <- lsum_plus. apply lsum_ext; intros k _. unfold Rdiv. ring. }
  assert (E1 : 2 / n2 * n2 = 2) by (field; lra). assert (E2 : / n2 * / n2 * (n2 * n2) = 1) by (field; lra).
  rewrite E1, E2 in Hexp. change (1 <= \sum_(i < m) \sum_(k < m) (M i k)^2). lra.
Qed.
