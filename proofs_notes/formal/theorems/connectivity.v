(** T1, C1, C2 (blueprint, section 2) by the route of L3 and L4, and C2 at the rate l/m with R4. From the paper's
    abstract come only the object, the threshold and the rate; the statements in this form, the constants and the
    proofs are ours.

    Definitions: [no_branch], a branch of no width: PARALLEL with it is TWO-LAYER.
    Statements: T1, C1, C2. *)

From Coq Require Import Reals Lra Psatz List Permutation Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums euclidean paths.
From Skipscape.networks Require Import networks.
From Skipscape.lemmas Require Import perturb transfer losses slots.
From Skipscape.routes Require Import route prune.
Import ListNotations.
Open Scope R_scope.

(** C1 of T1, whatever the class: the way to a better reference climbs by at most 2 sqrt L D + D^2 *)
Lemma root_depth {I : Type} (F : (I -> R) -> R) P D goal gam : (forall T, 0 <= F T) -> goal < F P ->
  path gam -> gam 0 = P -> F (gam 1) = goal ->
  (forall t, 0 <= t <= 1 -> sqrt (F (gam t)) <= Rmax (sqrt (F P) + D) (sqrt goal)) ->
  depth_at_most F P (2 * sqrt (F P) * D + D^2).
Proof.
  intros H0 Hbetter Hpath g0 g1 H. pose proof (H0 (gam 1)) as Hg. rewrite g1 in Hg.
  assert (Hlow : sqrt goal < sqrt (F P)) by (apply sqrt_lt_1_alt; lra).
  assert (HD : 0 <= D).
  { specialize (H 0 ltac:(lra)). rewrite g0 in H. unfold Rmax in H. destruct (Rle_dec _ _); lra. }
  exists gam. split; [easy|]. split; [easy|]. split; [now rewrite g1|]. intros t Ht.
  assert (Hroot : sqrt (F (gam t)) <= sqrt (F P) + D) by (eapply Rle_trans; [now apply H|]; apply Rmax_lub; lra).
  pose proof (sqrt_pos (F (gam t))) as Hp.
  assert (Hsq : (sqrt (F (gam t)))^2 <= (sqrt (F P) + D)^2) by (apply pow_incr; lra).
  rewrite pow2_sqrt in Hsq by apply H0. pose proof (pow2_sqrt (F P) (H0 P)). lra.
Qed.

Section Connectivity.
Variables (X : data) (m : nat) (B : branch).

(** * The statements, squared error *)

Notation loss P := (squared X (parallel X m B P)).

Lemma root_path c P P' : joined (sublevel (loss_of X m B (fun f => sqrt (squared X f))) c) P P' ->
  exists gam, path gam /\ gam 0 = P /\ gam 1 = P' /\ forall t, 0 <= t <= 1 -> sqrt (loss (gam t)) <= c.
Proof. exact (joined_path _ P P'). Qed.

(** T1: an explicit path from theta to g* on the slots J (V = 0 elsewhere, U = 0) *)
Theorem T1_connect l w v sigma lam P J ctr cf :
  moment X sigma -> branch_gain X B P lam -> admissible m l J ctr cf ->
  exists E gam, placed m l w v (fun k => nth k J O) E /\ parallel X m B E = two_layer X l w v /\
    path gam /\ gam 0 = P /\ gam 1 = E /\ forall t, 0 <= t <= 1 ->
    sqrt (loss (gam t)) <= Rmax (sqrt (loss P) + deviation X B sigma lam P J ctr cf)
                                (sqrt (squared X (two_layer X l w v))).
Proof.
  intros Hs Hlam Ha. set (d := deviation X B sigma lam P J ctr cf).
  set (F := transfer (merge P J ctr cf) J ctr cf).
  pose proof Ha as [HJ _].
  exists (landing w v J F).
  destruct (root_path (Rmax (sqrt (loss P) + d) (sqrt (squared X (two_layer X l w v)))) P (landing w v J F))
    as (gam & Hgam).
  { rewrite <- (Rmult_1_l d).
    apply (T1_from_route X m B l w v (fun f => sqrt (squared X f)) 1 d J P F (tame_squared X) HJ).
    - apply deviation_nonneg; [apply Hs | now apply (branch_gain_nonneg X B P)].
    - now apply (freed_by_merging X m B sigma lam l). }
  exists gam. split; [now apply (landing_placed m)|]. split; [now apply (landing_function X m B) | easy].
Qed.

(** T1 for every loss with L8's constant G: "max(L(theta) + G D(J), L(g-star))" *)
Theorem T1_lipschitz_loss Phi G l w v sigma lam P J ctr cf :
  tame X G Phi -> moment X sigma -> branch_gain X B P lam -> admissible m l J ctr cf ->
  exists E gam, placed m l w v (fun k => nth k J O) E /\ parallel X m B E = two_layer X l w v /\
    path gam /\ gam 0 = P /\ gam 1 = E /\ forall t, 0 <= t <= 1 ->
    Phi (parallel X m B (gam t)) <= Rmax (Phi (parallel X m B P) + G * deviation X B sigma lam P J ctr cf)
                                         (Phi (two_layer X l w v)).
Proof.
  intros HPhi Hs Hlam Ha. pose proof Ha as [HJ _].
  set (F := transfer (merge P J ctr cf) J ctr cf). exists (landing w v J F).
  destruct (joined_path _ _ _ (T1_from_route X m B l w v Phi G (deviation X B sigma lam P J ctr cf) J P F HPhi HJ
    (deviation_nonneg X B sigma lam P J ctr cf (proj1 Hs) (branch_gain_nonneg X B P lam Hlam))
    (freed_by_merging X m B sigma lam l P J ctr cf Hs Hlam Ha))) as (gam & Hgam).
  exists gam. split; [now apply (landing_placed m)|]. split; [now apply (landing_function X m B) | easy].
Qed.

(** C1: "If L(theta) > e(l), depth <= 2 sqrt(L) D + D^2", with a g* below L(theta) in the place of e(l) *)
Theorem C1_depth l w v sigma lam P J ctr cf :
  moment X sigma -> branch_gain X B P lam -> admissible m l J ctr cf ->
  squared X (two_layer X l w v) < loss P ->
  let D := deviation X B sigma lam P J ctr cf in
  depth_at_most (fun P => loss P) P (2 * sqrt (loss P) * D + D^2).
Proof.
  intros Hs Hlam Ha Hbetter D.
  destruct (T1_connect l w v sigma lam P J ctr cf Hs Hlam Ha) as (E & gam & _ & HE & Hpath & g0 & g1 & H).
  apply (root_depth (fun P => loss P) P D (squared X (two_layer X l w v)) gam); try easy.
  - intros T. apply squared_nonneg.
  - now rewrite g1, HE.
Qed.

(** C2: any two points of {L <= lambda} are joined inside {sqrt L <= sqrt lambda + D} *)
Theorem C2_connected l w v sigma lam lam' P P' J J' ctr ctr' cf cf' level : (l < m)%nat ->
  moment X sigma -> branch_gain X B P lam -> branch_gain X B P' lam' ->
  admissible m l J ctr cf -> admissible m l J' ctr' cf' ->
  loss P <= level -> loss P' <= level -> squared X (two_layer X l w v) <= level ->
  exists gam, path gam /\ gam 0 = P /\ gam 1 = P' /\ forall t, 0 <= t <= 1 ->
    sqrt (loss (gam t)) <= sqrt level + Rmax (deviation X B sigma lam P J ctr cf)
                                             (deviation X B sigma lam' P' J' ctr' cf').
Proof.
  intros Hlm Hs Hlam Hlam' Ha Ha' HP HP' Hstar. apply root_path.
  rewrite <- (Rmult_1_l (Rmax _ _)).
  apply (C2_from_route X m B l w v (fun f => sqrt (squared X f)) 1 _ _ J J' P P'
    (transfer (merge P J ctr cf) J ctr cf) (transfer (merge P' J' ctr' cf') J' ctr' cf')
    (sqrt level) (tame_squared X) Hlm (proj1 Ha) (proj1 Ha')); try (apply sqrt_le_1_alt; assumption).
  - apply deviation_nonneg; [apply Hs | now apply (branch_gain_nonneg X B P)].
  - apply deviation_nonneg; [apply Hs | now apply (branch_gain_nonneg X B P')].
  - now apply (freed_by_merging X m B sigma lam l).
  - now apply (freed_by_merging X m B sigma lam' l).
Qed.

(** C2 for every loss with L8's constant G *)
Theorem C2_lipschitz_loss Phi G l w v sigma lam lam' P P' J J' ctr ctr' cf cf' level : (l < m)%nat ->
  tame X G Phi -> moment X sigma -> branch_gain X B P lam -> branch_gain X B P' lam' ->
  admissible m l J ctr cf -> admissible m l J' ctr' cf' ->
  Phi (parallel X m B P) <= level -> Phi (parallel X m B P') <= level -> Phi (two_layer X l w v) <= level ->
  exists gam, path gam /\ gam 0 = P /\ gam 1 = P' /\ forall t, 0 <= t <= 1 ->
    Phi (parallel X m B (gam t)) <= level + G * Rmax (deviation X B sigma lam P J ctr cf)
                                                     (deviation X B sigma lam' P' J' ctr' cf').
Proof.
  intros Hlm HPhi Hs Hlam Hlam' Ha Ha' HP HP' Hstar.
  apply (joined_path (sublevel (loss_of X m B Phi) _)).
  apply (C2_from_route X m B l w v Phi G _ _ J J' P P' (transfer (merge P J ctr cf) J ctr cf)
    (transfer (merge P' J' ctr' cf') J' ctr' cf') level HPhi Hlm (proj1 Ha) (proj1 Ha')); try assumption.
  - apply deviation_nonneg; [apply Hs | now apply (branch_gain_nonneg X B P)].
  - apply deviation_nonneg; [apply Hs | now apply (branch_gain_nonneg X B P')].
  - now apply (freed_by_merging X m B sigma lam l).
  - now apply (freed_by_merging X m B sigma lam' l).
Qed.

(** * The rate l/m *)

(** C2 with R4: rate l/m for networks of mass at most S *)
Theorem C2_rate l w v sigma lam lam' P P' S level : (l < m)%nat -> moment X sigma ->
  branch_gain X B P lam -> branch_gain X B P' lam' ->
  mass X m B lam P <= S -> mass X m B lam' P' <= S ->
  squared X (parallel X m B P) <= level -> squared X (parallel X m B P') <= level ->
  squared X (two_layer X l w v) <= level ->
  exists gam, path gam /\ gam 0 = P /\ gam 1 = P' /\ forall t, 0 <= t <= 1 ->
    sqrt (squared X (parallel X m B (gam t))) <= sqrt level + sigma * S * (INR l / INR m).
Proof.
  intros Hlm Hs Hlam Hlam' HS HS' HP HP' Hstar.
  assert (Hlm0 : 0 <= INR l / INR m).
  { apply Rmult_le_pos; [apply pos_INR|]. left. apply Rinv_0_lt_compat, lt_0_INR. lia. }
  assert (Hle : forall z, z <= S -> sigma * z * (INR l / INR m) <= sigma * S * (INR l / INR m)).
  { intros z Hz. apply Rmult_le_compat_r; [easy|]. apply Rmult_le_compat_l; [apply Hs | easy]. }
  destruct (R4_prune X m B sigma lam P l Hlm Hs (branch_gain_nonneg X B P lam Hlam)) as (J & ctr & Ha & _ & _ & HD).
  destruct (R4_prune X m B sigma lam' P' l Hlm Hs (branch_gain_nonneg X B P' lam' Hlam'))
    as (J' & ctr' & Ha' & _ & _ & HD').
  destruct (C2_connected l w v sigma lam lam' P P' J J' ctr ctr' _ _ level Hlm Hs Hlam Hlam' Ha Ha'
    HP HP' Hstar) as (gam & Hg & g0 & g1 & H).
  exists gam. split; [easy|]. split; [easy|]. split; [easy|]. intros t Ht.
  eapply Rle_trans; [now apply H|]. apply Rplus_le_compat_l, Rmax_lub.
  - eapply Rle_trans; [exact HD | now apply Hle].
  - eapply Rle_trans; [exact HD' | now apply Hle].
Qed.
End Connectivity.

(** the same for TWO-LAYER networks: U = 0 all along *)
Definition no_branch : branch := Branch 0 0 (fun _ _ _ => 0).

Lemma no_branch_gain X P : branch_gain X no_branch P 0.
Proof.
  exists 0, 0. split; [|split; [|ring]].
  - split; [lra|]. intros v. rewrite Rmult_0_l. right. apply enorm_zero. intros; simpl; ring.
  - split; [lra|]. intros a b. rewrite Rmult_0_l. right. apply enorm_zero. intros i Hi. simpl in Hi. lia.
Qed.

Corollary C2_rate_two_layer X m l w v sigma P P' S level : (l < m)%nat -> moment X sigma ->
  let S_of P := \sum_(j < m) (enorm (seen X) (W P j) * enorm (outputs X) (V P j)) in
  S_of P <= S -> S_of P' <= S ->
  squared X (skip X m P) <= level -> squared X (skip X m P') <= level ->
  squared X (two_layer X l w v) <= level ->
  exists gam, path gam /\ gam 0 = P /\ gam 1 = P' /\ forall t, 0 <= t <= 1 ->
    sqrt (squared X (skip X m (gam t))) <= sqrt level + sigma * S * (INR l / INR m).
Proof.
  intros Hlm Hs S_of HS HS' HP HP' Hstar.
  assert (Hnet : forall R0, parallel X m no_branch R0 = skip X m R0).
  { intros R0. apply matrix_ext; intros k c. unfold parallel, deep. simpl. ring. }
  assert (Hmass : forall R0, mass X m no_branch 0 R0 = S_of R0).
  { intros R0. apply lsum_ext; intros j _. unfold neuron_mass. ring. }
  destruct (C2_rate X m no_branch l w v sigma 0 0 P P' S level Hlm Hs (no_branch_gain X P) (no_branch_gain X P'))
    as (gam & Hg & g0 & g1 & H); rewrite ?Hmass, ?Hnet; try assumption.
  exists gam. split; [easy|]. split; [easy|]. split; [easy|]. intros t Ht. rewrite <- Hnet. now apply H.
Qed.
