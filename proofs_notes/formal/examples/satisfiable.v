(** Every hypothesis of the statements can be met: no theorem here is vacuous. For each there is a witness, most of
    them for all data and every width; C2 and C2F are stated once more where everything is met.

    Definitions: [plain_layer], one ReLU layer without bias, a branch with [no_bias].
    Statements: none; these are the hypotheses of the others. *)

From Coq Require Import Reals Lra Psatz List Permutation Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums euclidean relu paths.
From Skipscape.networks Require Import networks blocks deep.
From Skipscape.lemmas Require Import perturb readout losses regulariser residual stream_mass.
From Skipscape.routes Require Import refit.
From Skipscape.theorems Require Import connectivity regularised finite_sample stream_connectivity readers optimal.
From Skipscape.examples Require Import valley.
Import ListNotations.
Open Scope R_scope.

(** [moment]: any finite data set has a sigma, sigma^2 = E ||X||^2 *)
Theorem moment_exists X : exists sigma, moment X sigma.
Proof.
  exists (sqrt (\sum_(k < points X) (weight X k * \sum_(i < seen X) (input X k i)^2))).
  split; [apply sqrt_pos|]. intros v. rewrite pow2_sqrt.
  - rewrite <- lsum_scal_r. apply lsum_le; intros k _. rewrite Rmult_assoc.
    apply Rmult_le_compat_l; [apply weight_nonneg|]. unfold dot. rewrite Rmult_comm. apply Cauchy_Schwarz_sq.
  - apply lsum_nonneg; intros. apply Rmult_le_pos; [apply weight_nonneg|].
    apply lsum_nonneg; intros. apply pow2_ge_0.
Qed.

(** [branch_gain]: every deep ReLU branch, whatever its weights, has a Lambda *)
Theorem deep_relu_gain X n widths P : branch_gain X (deep_relu n widths) P
  (frobenius (outputs X) (last widths n) (U P) * forward_lip n widths (Q P)).
Proof.
  exists (frobenius (outputs X) (last widths n) (U P)), (forward_lip n widths (Q P)).
  split; [apply frobenius_opnorm|]. split; [apply deep_relu_lipschitz | easy].
Qed.

(** the same for RESIDUAL, with V U in the place of U *)
Theorem deep_relu_gain_residual X m n widths P : exists lam,
  branch_gain X (deep_relu n widths) (as_parallel m P) lam.
Proof. eexists. apply deep_relu_gain. Qed.

(** [gauges]: Frobenius norm of U, product of Frobenius norms for Lip(q) *)
Theorem frobenius_gauges X n widths : gauges X (deep_relu n widths)
  (frobenius (outputs X) (last widths n)) (forward_lip n widths).
Proof.
  set (p := outputs X). set (r := last widths n).
  assert (E : forall M, frobenius p r M
    = wnorm (list_prod (seq 0 p) (seq 0 r)) (fun _ => 1) (fun cs => M (fst cs) (snd cs))).
  { intros M. unfold frobenius, wnorm. f_equal. rewrite lsum_prod. apply lsum_ext; intros c _.
    apply lsum_ext; intros s _. simpl. ring. }
  split; [intros M; apply frobenius_opnorm|]. split; [|split].
  - intros M M' t Ht. rewrite !E.
    apply (wnorm_convex _ _ one_nonneg t (fun cs => M (fst cs) (snd cs)) (fun cs => M' (fst cs) (snd cs)) Ht).
  - rewrite E. now apply wnorm_zero.
  - intros q. apply deep_relu_lipschitz.
Qed.

(** [stream_gauges]: the same for every block of a STREAM *)
Theorem stream_gauges_exist X (n : nat -> nat) (widths : nat -> list nat) :
  stream_gauges X (fun k => deep_relu (n k) (widths k)) (fun k => frobenius (outputs X) (last (widths k) (n k)))
    (fun h k => frobenius (n h) (last (widths k) (n k))) (fun k => forward_lip (n k) (widths k)).
Proof.
  split; [intros k M; apply (proj1 (frobenius_gauges X (n k) (widths k)))|]. split.
  - intros k. apply (proj1 (proj2 (frobenius_gauges X (n k) (widths k)))).
  - split; [intros h k M; apply frobenius_opnorm | intros k; apply deep_relu_lipschitz].
Qed.

(** [admissible]: whenever l < m *)
Theorem admissible_exists m l : (l < m)%nat -> exists J ctr cf, admissible m l J ctr cf.
Proof.
  intros Hlm. exists (seq 0 l), (fun _ => l), (fun _ => 0). split; [|split].
  - split; [apply seq_NoDup|]. split; [apply seq_length|]. intros j Hj. apply in_rng in Hj. lia.
  - intros j _. split; [easy|]. intros H. apply in_rng in H. lia.
  - intros; lra.
Qed.

(** with projections as coefficients, as in the blueprint *)
Theorem projection_admissible X m l P J ctr : slots m l J ->
  (forall j, In j J -> (ctr j < m)%nat /\ ~ In (ctr j) J) ->
  admissible m l J ctr (fun j => projection X (W P j) (W P (ctr j))) /\
  shrinks X P J ctr (fun j => projection X (W P j) (W P (ctr j))).
Proof.
  intros HJ Hc. split; [|apply projection_shrinks]. split; [easy|]. split; [easy|].
  intros; apply projection_nonneg.
Qed.

(** [tame]: each loss of the blueprint, on data with fitting targets *)
Theorem tame_losses X : probability X -> (1 <= outputs X)%nat ->
  tame X 1 (fun f => sqrt (squared X f)) /\
  tame X 1 (mean_loss X (absolute X)) /\
  (forall delta, 0 <= delta -> tame X delta (mean_loss X (huber delta))) /\
  ((forall k, Rabs (target X k O) <= 1) ->
     tame X 1 (mean_loss X hinge) /\ tame X 1 (mean_loss X logistic)) /\
  ((forall k c, 0 <= target X k c) -> (forall k, \sum_(c < outputs X) target X k c = 1) ->
     tame X (sqrt 2) (mean_loss X (cross_entropy X))).
Proof.
  intros H1 Hp. split; [apply tame_squared|].
  split; [apply tame_mean_loss; [easy | lra | intros; apply L8_absolute]|].
  split; [intros delta Hd; apply tame_mean_loss; [easy | easy | intros; now apply L8_huber]|].
  split.
  - intros Hy. split; apply tame_mean_loss; try easy; try lra; intros k.
    + now apply L8_hinge.
    + now apply L8_logistic.
  - intros H0 Hsum. apply tame_mean_loss; [easy | apply sqrt_pos|]. intros k. now apply L8_cross_entropy.
Qed.

(** [max_at_ends], [on_data]: squared error, every tame loss, and (L7_convex_loss) every convex one *)
Theorem losses_for_T4 X :
  (max_at_ends (squared X) /\ on_data X (squared X)) /\
  (forall G Phi, tame X G Phi -> max_at_ends Phi /\ on_data X Phi).
Proof.
  split; [split; [apply convex_max_at_ends, L7_squared | apply squared_on_data]|].
  intros G Phi H. split; [apply H | now apply (tame_on_data X G)].
Qed.

(** [spread_inputs]: "with bias: distinct" inputs (x, 1) *)
Theorem biased_inputs_spread X d : seen X = S d -> (forall k, input X k d = 1) ->
  (forall k k', (k < points X)%nat -> (k' < points X)%nat -> k <> k' ->
     exists i, (i < d)%nat /\ input X k i <> input X k' i) ->
  spread_inputs X.
Proof.
  intros HD Hone Hdiff. split.
  - intros k _. exists d. rewrite HD, Hone. split; [lia | lra].
  - intros k k' Hk Hk' Hne (s & Hs). destruct (Hdiff k k' Hk Hk' Hne) as (i & Hi & Hx). apply Hx.
    assert (Es : s = 1).
    { pose proof (Hs d ltac:(lia)) as H. rewrite !Hone in H. lra. }
    rewrite (Hs i ltac:(lia)), Es. ring.
Qed.

(** [no_bias]: a ReLU layer without bias *)
Definition plain_layer (n h : nat) : branch :=
  Branch n h (fun q a s => relu (\sum_(i < n) (q O s i * a i))).
Theorem plain_layer_no_bias n h : no_bias (plain_layer n h).
Proof.
  intros q. apply functional_extensionality; intros s. simpl.
  rewrite lsum_zero by (intros; ring). apply relu_neg. lra.
Qed.

(** [basis] and [outside]: T2_prune of [residual.v] gives them for every P with p + l < m *)
Theorem T2_hypotheses X m (B : branch) P l sigma : (outputs X + l < m)%nat -> moment X sigma ->
  exists J ctr Bs E, admissible m l J ctr (fun _ => 0) /\ outside Bs J ctr /\ basis m (outputs X) P Bs E.
Proof.
  intros Hlm Hs. destruct (T2_prune X m B sigma 0 P l Hlm Hs (Rle_refl 0)) as (J & ctr & Bs & E & Ha & Ho & Hb & _).
  now exists J, ctr, Bs, E.
Qed.

Theorem T3_hypotheses X m K (Bl : nat -> branch) P l sigma : (reader_rows X K Bl + l < m)%nat -> moment X sigma ->
  exists J ctr Bs E, admissible m l J ctr (fun _ => 0) /\ outside Bs J ctr /\ stream_basis X m K Bl P Bs E.
Proof.
  intros Hlm Hs.
  destruct (T3_prune X m K Bl sigma (fun _ => 0) P l Hlm Hs ltac:(intros; lra))
    as (J & ctr & Bs & E & Ha & Ho & Hb & _).
  now exists J, ctr, Bs, E.
Qed.

(** [stream_gain]: the recursion for Lambda_k has a solution, for deep ReLU blocks of any shape *)
Theorem stream_gain_exists X m K (n : nat -> nat) (widths : nat -> list nat) P :
  exists lam, stream_gain X m K (fun k => deep_relu (n k) (widths k)) P lam.
Proof.
  set (Bl := fun k => deep_relu (n k) (widths k)).
  set (lip := fun k => forward_lip (n k) (widths k) (sQ P k)).
  set (vu := fun k => frobenius (outputs X) (branch_out (Bl k)) (times m (sV P) (sU P k))).
  set (au := fun h k => frobenius (branch_in (Bl h)) (branch_out (Bl k)) (times m (sA P h) (sU P k))).
  assert (Hlip0 : forall k, 0 <= lip k) by (intros; apply forward_lip_nonneg).
  (* from the last block down *)
  assert (Hlam : forall e, (e <= K)%nat -> exists lam : nat -> R, (forall k, 0 <= lam k) /\
    forall k, (K - e <= k < K)%nat -> lip k * (vu k + \sum_(h in seq (S k) (K - S k)) (lam h * au h k)) <= lam k).
  { induction e as [|e IH]; intros He; [exists (fun _ => 0); split; [intros; lra | intros; lia]|].
    destruct (IH ltac:(lia)) as (lam & H0 & Hlam). set (k0 := (K - S e)%nat).
    set (x := lip k0 * (vu k0 + \sum_(h in seq (S k0) (K - S k0)) (lam h * au h k0))).
    assert (Hsame : forall k, (k0 <= k)%nat -> \sum_(h in seq (S k) (K - S k)) ((if Nat.eqb h k0 then x else lam h) * au h k)
                              = \sum_(h in seq (S k) (K - S k)) (lam h * au h k)).
    { intros k Hk. apply lsum_ext; intros h Hh. apply in_seq in Hh. destruct (Nat.eqb_spec h k0); [lia | easy]. }
    exists (fun k => if Nat.eqb k k0 then x else lam k). split.
    - intros k. destruct (Nat.eqb k k0); [|easy]. apply Rmult_le_pos; [easy|].
      apply Rplus_le_le_0_compat; [apply sqrt_pos|]. apply lsum_nonneg; intros.
      apply Rmult_le_pos; [easy | apply sqrt_pos].
    - intros k Hk. rewrite Hsame by lia. destruct (Nat.eqb_spec k k0) as [->|Hne]; [apply Rle_refl|].
      apply Hlam. lia. }
  destruct (Hlam K (Nat.le_refl K)) as (lam & H0 & Hl). exists lam, lip, vu, au.
  split; [intros k _; apply deep_relu_lipschitz|]. split; [intros k _; apply frobenius_opnorm|].
  split; [intros k h _; apply frobenius_opnorm|]. split; [intros k _; apply H0|].
  intros k Hk. apply Hl. lia.
Qed.

(** [optimal_readout] together with a better two-layer network: all rows 0, data of case 16 *)
Theorem optimal_exists :
  let P := make zero_matrix zero_matrix zero_matrix zero_matrix (fun _ => zero_matrix) in
  let w := fun _ _ : nat => -1 in let v := fun _ _ : nat => -2 in
  optimal_readout signs 2 no_branch P /\
  squared signs (two_layer signs 1 w v) < squared signs (parallel signs 2 no_branch P).
Proof.
  intros P w v.
  assert (Hzero : forall v', parallel signs 2 no_branch (readout P v' (U P)) = zero_matrix).
  { intros v'. rewrite parallel_off by easy. apply matrix_ext; intros k c. apply lsum_zero; intros j _.
    unfold feature. rewrite relu_neg; [unfold zero_matrix; ring|]. right. apply lsum_zero; intros i _.
    change (W (readout P v' (U P)) j i) with 0. ring. }
  assert (HP : parallel signs 2 no_branch P = zero_matrix).
  { rewrite <- (Hzero (V P)). f_equal. }
  split.
  - intros v'. rewrite Hzero, HP. apply Rle_refl.
  - rewrite HP, !signs_loss. unfold two_layer, dot, zero_matrix; cbn. unfold w, v.
    rewrite (relu_neg (-1 * 1 + 0)), (relu_pos (-1 * -1 + 0)) by lra. lra.
Qed.

(** [local_minimum] together with a better two-layer network and l < m: case 16 with two rows of one sign *)
Theorem local_minimum_exists :
  let P := make (fun _ _ => 1) (fun j _ => match j with O => 1 | _ => 0 end) zero_matrix zero_matrix
                (fun _ => zero_matrix) in
  local_minimum (fun P => squared signs (parallel signs 2 no_branch P)) P /\
  squared signs (two_layer signs 1 (fun _ _ => -1) (fun _ _ => -2)) < squared signs (parallel signs 2 no_branch P).
Proof.
  intros P.
  assert (HP : squared signs (parallel signs 2 no_branch P) = 2).
  { rewrite parallel_off, signs_loss by easy. unfold skip, feature, dot, P; entries; cbn.
    replace (1 * 1 + 0) with 1 by ring. replace (1 * -1 + 0) with (-1) by ring.
    rewrite (relu_pos 1), (relu_neg (-1)) by lra. field. }
  split.
  - exists (1 / 2). split; [lra|]. intros P' Hnear. rewrite HP.
    (* near P both rows are positive, so the output at x = -1 is still 0 *)
    assert (Hdead : parallel signs 2 no_branch P' 1 O = 0).
    { apply dead_output; [easy|]. intros j Hj. destruct (signs_feature P' j) as [_ ->]. apply relu_neg.
      specialize (Hnear (InW j O)). change (P (InW j O)) with 1 in Hnear. unfold W.
      revert Hnear. unfold Rabs. destruct Rcase_abs; lra. }
    rewrite signs_loss, Hdead. pose proof (pow2_ge_0 (parallel signs 2 no_branch P' O O - 1)). lra.
  - rewrite HP, signs_loss. unfold two_layer, dot; cbn.
    rewrite (relu_neg (-1 * 1 + 0)), (relu_pos (-1 * -1 + 0)) by lra. lra.
Qed.

(** the d-th root in [R1_rate] and [C2F_R1] *)
Theorem root_exists d x : (1 <= d)%nat -> 0 < x -> exists r, 0 <= r /\ r ^ d = x.
Proof.
  intros Hd Hx. assert (HdR : 0 < INR d) by (apply lt_0_INR; lia).
  exists (Rpower x (/ INR d)). assert (Hpos : 0 < Rpower x (/ INR d)) by apply exp_pos. split; [lra|].
  rewrite <- (Rpower_pow d _ Hpos), Rpower_mult, Rinv_l, Rpower_1 by lra. easy.
Qed.

(** C2F with everything met: deep ReLU branches, Frobenius norms, any finite data *)
Theorem C2F_deep_relu X m n widths kappa l w v sigma P P' level :
  let B := deep_relu n widths in
  let F := objective X m B (frobenius (outputs X) (last widths n)) (forward_lip n widths) kappa in
  0 < kappa -> (l < m)%nat -> moment X sigma ->
  F P <= level -> F P' <= level -> two_layer_objective X kappa l w v <= level ->
  exists gam, path gam /\ gam 0 = P /\ gam 1 = P' /\ forall t, 0 <= t <= 1 ->
    sqrt (F (gam t)) <= sqrt level + sigma * (level / kappa) * (INR l / INR m).
Proof.
  intros B F Hk Hlm Hs HP HP' Hstar. unfold F, B.
  apply (C2F_rate X m (deep_relu n widths) (frobenius (outputs X) (last widths n)) (forward_lip n widths)
    (frobenius_gauges X n widths) kappa (Rlt_le _ _ Hk) l w v sigma P P' level Hk Hlm Hs HP HP' Hstar).
Qed.

(** C2 at the rate l/m with everything met: deep ReLU branches, whose inner weights may differ *)
Theorem C2_rate_deep_relu X m n widths l w v sigma P P' S level : (l < m)%nat -> moment X sigma ->
  let B := deep_relu n widths in
  let lam := fun P => frobenius (outputs X) (last widths n) (U P) * forward_lip n widths (Q P) in
  mass X m B (lam P) P <= S -> mass X m B (lam P') P' <= S ->
  squared X (parallel X m B P) <= level -> squared X (parallel X m B P') <= level ->
  squared X (two_layer X l w v) <= level ->
  exists gam, path gam /\ gam 0 = P /\ gam 1 = P' /\ forall t, 0 <= t <= 1 ->
    sqrt (squared X (parallel X m B (gam t))) <= sqrt level + sigma * S * (INR l / INR m).
Proof.
  intros Hlm Hs B lam HS HS' HP HP' Hstar.
  apply (C2_rate X m B l w v sigma (lam P) (lam P') P P' S level Hlm Hs); try assumption; apply deep_relu_gain.
Qed.
