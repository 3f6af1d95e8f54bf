(** L3, L4 and T3 [ours] for STREAM (blueprint, sections 0 to 2): K residual blocks on the skip layer,
    z_0 = z, z_k = z_(k-1) + U_k q_k(A_k z_(k-1)), output V z_K. Blocks are counted 0 .. K-1 here. *)

From Coq Require Import Reals Lra Psatz List Permutation Arith Lia FunctionalExtensionality.
From Skipscape Require Import sums relu paths networks perturb transfer readout losses selection slots
  regulariser connectivity linear residual.
Import ListNotations.
Open Scope R_scope.

Inductive stream_coordinate :=
| StreamW (j i : nat)
| StreamV (j c : nat)
| StreamA (k j a : nat)
| StreamU (k j s : nat)
| StreamQ (k d s i : nat).
Definition stream_param := stream_coordinate -> R.

Definition sW (P : stream_param) : matrix := fun j i => P (StreamW j i).
Definition sV (P : stream_param) : matrix := fun j c => P (StreamV j c).
Definition sA (P : stream_param) (k : nat) : matrix := fun j a => P (StreamA k j a).
Definition sU (P : stream_param) (k : nat) : matrix := fun j s => P (StreamU k j s).
Definition sQ (P : stream_param) (k : nat) : nat -> matrix := fun d s i => P (StreamQ k d s i).
Definition stream_make (w v : matrix) (a u : nat -> matrix) (q : nat -> nat -> matrix) : stream_param := fun x =>
  match x with
  | StreamW j i => w j i
  | StreamV j c => v j c
  | StreamA k j a' => a k j a'
  | StreamU k j s => u k j s
  | StreamQ k d s i => q k d s i
  end.

Ltac stream_entries := cbv beta iota delta [lin sW sV sA sU sQ stream_make].

(** no branch at all *)
Definition no_blocks : branch := Branch 0 0 (fun _ _ _ => 0).

Section Stream.
Variables (X : data) (m K : nat).
(** block k: the map q_k with its own weights *)
Variable Bl : nat -> branch.

Definition stream_feature (P : stream_param) (k j : nat) : R := relu (dot X (sW P j) (input X k)).

(** z_n at point k *)
Fixpoint state (P : stream_param) (n k : nat) : vector :=
  match n with
  | O => stream_feature P k
  | S n => fun j => state P n k j + \sum_(s < branch_out (Bl n)) (sU P n j s *
      act (Bl n) (sQ P n) (fun a => \sum_(i < m) (sA P n i a * state P n k i)) s)
  end.
(** what block n reads *)
Definition block_reading (P : stream_param) (n k a : nat) : R := \sum_(i < m) (sA P n i a * state P n k i).
Definition block_out (P : stream_param) (n k s : nat) : R := act (Bl n) (sQ P n) (block_reading P n k) s.
Definition stream (P : stream_param) (k c : nat) : R := \sum_(j < m) (sV P j c * state P K k j).

Lemma state_S P n k j : state P (S n) k j = state P n k j + \sum_(s < branch_out (Bl n)) (sU P n j s * block_out P n k s).
Proof. reflexivity. Qed.

(** V U_k and A_h U_k *)
Definition times (M N : matrix) : matrix := fun c s => \sum_(j < m) (M j c * N j s).

(** "Lambda_k = Lip(q_k) (||V U_k|| + sum_(h>k) Lambda_h ||A_h U_k||)": [lam] dominates these *)
Definition stream_gain (P : stream_param) (lam : nat -> R) : Prop :=
  exists (lip vu : nat -> R) (au : nat -> nat -> R),
    (forall k, (k < K)%nat -> lipschitz (Bl k) (sQ P k) (lip k)) /\
    (forall k, (k < K)%nat -> opnorm_le (outputs X) (branch_out (Bl k)) (times (sV P) (sU P k)) (vu k)) /\
    (forall k h, (k < h < K)%nat -> opnorm_le (branch_in (Bl h)) (branch_out (Bl k)) (times (sA P h) (sU P k)) (au h k)) /\
    (forall k, (k < K)%nat -> 0 <= lam k) /\
    (forall k, (k < K)%nat -> lip k * (vu k + \sum_(h in seq (S k) (K - S k)) (lam h * au h k)) <= lam k).

(** "s_j = ||w_j|| (||V_j|| + sum_k Lambda_k ||A_(k,j)||)" and D(J) *)
Definition stream_out (lam : nat -> R) (P : stream_param) (j : nat) : R :=
  enorm (outputs X) (sV P j) + \sum_(k < K) (lam k * enorm (branch_in (Bl k)) (sA P k j)).
Definition stream_deviation (sigma : R) (lam : nat -> R) (P : stream_param) (J : list nat) (ctr : nat -> nat)
  (cf : nat -> R) : R :=
  sigma * \sum_(j in J) (enorm (seen X) (fun i => sW P j i - cf j * sW P (ctr j) i) * stream_out lam P j).

Definition stream_merge (P : stream_param) (J : list nat) (ctr : nat -> nat) (cf : nat -> R) : stream_param :=
  stream_make (fun j i => if mem j J then cf j * sW P (ctr j) i else sW P j i) (sV P) (sA P) (sU P) (sQ P).

(** * L3 *)

(** the difference of two states, read by M *)
Definition read_change (P P' : stream_param) (M : matrix) (r n : nat) : R :=
  l2norm X r (fun k a => \sum_(j < m) (M j a * (state P' n k j - state P n k j))).

Lemma opnorm_l2 n r M c (g : nat -> vector) : opnorm_le n r M c ->
  l2norm X n (fun k a => \sum_(s < r) (M a s * g k s)) <= c * l2norm X r g.
Proof.
  intros [Hc HM]. rewrite !l2norm_iter. unfold pnorm.
  rewrite <- (wnorm_scal_pos _ _ c) by easy. apply wnorm_mono; [apply weight_nonneg|]. intros k _.
  rewrite !Rabs_right; [apply HM | |].
  - apply Rle_ge, Rmult_le_pos; [easy | apply enorm_nonneg].
  - apply Rle_ge, enorm_nonneg.
Qed.

(** one block: what M reads of its output, by what A_n reads of its input *)
Lemma read_change_step P P' M r n lip c :
  sU P' n = sU P n -> sA P' n = sA P n -> sQ P' n = sQ P n ->
  lipschitz (Bl n) (sQ P n) lip -> opnorm_le r (branch_out (Bl n)) (times M (sU P n)) c ->
  read_change P P' M r (S n)
  <= read_change P P' M r n + c * (lip * read_change P P' (sA P n) (branch_in (Bl n)) n).
Proof.
  intros EU EA EQ [Hl0 Hlip] Hop. pose proof (proj1 Hop) as Hc0.
  set (delta := fun k s => block_out P' n k s - block_out P n k s).
  assert (Hdelta : l2norm X (branch_out (Bl n)) delta <= lip * read_change P P' (sA P n) (branch_in (Bl n)) n).
  { unfold read_change. rewrite !l2norm_iter. unfold pnorm. rewrite <- (wnorm_scal_pos _ _ lip) by easy.
    apply wnorm_mono; [apply weight_nonneg|]. intros k _. rewrite !Rabs_right; cycle 1.
    { apply Rle_ge, Rmult_le_pos; [easy | apply enorm_nonneg]. } { apply Rle_ge, enorm_nonneg. }
    unfold delta, block_out. rewrite EQ. eapply Rle_trans; [apply Hlip|].
    apply Rmult_le_compat_l; [easy|]. right. apply enorm_ext; intros a _. unfold block_reading.
    rewrite EA, <- lsum_minus. apply lsum_ext; intros; ring. }
  eapply Rle_trans; [|apply Rplus_le_compat_l, Rmult_le_compat_l; [exact Hc0 | exact Hdelta]].
  eapply Rle_trans; [|apply Rplus_le_compat_l, (opnorm_l2 r (branch_out (Bl n)) (times M (sU P n)) c delta Hop)].
  unfold read_change. eapply Rle_trans; [|apply l2norm_triangle]. right. f_equal.
  apply matrix_ext; intros k a. unfold times.
  rewrite (lsum_ext (seq 0 (branch_out (Bl n))) _ (fun s => \sum_(j < m) (M j a * sU P n j s * delta k s)))
    by (intros; now rewrite <- lsum_scal_r).
  rewrite lsum_swap, <- lsum_plus. apply lsum_ext; intros j _. rewrite !state_S, EU.
  rewrite (lsum_ext (seq 0 (branch_out (Bl n))) (fun s => M j a * sU P n j s * delta k s)
    (fun s => M j a * (sU P n j s * block_out P' n k s - sU P n j s * block_out P n k s)))
    by (intros; unfold delta; ring).
  rewrite lsum_scal, lsum_minus. ring.
Qed.

(** everything but W the same: the change of V z_K, by the changes of z_0 *)
Lemma stream_move P P' lam : stream_gain P lam ->
  (forall n, sU P' n = sU P n) -> (forall n, sA P' n = sA P n) -> (forall n, sQ P' n = sQ P n) -> sV P' = sV P ->
  fnorm X (fun k c => stream P' k c - stream P k c)
  <= read_change P P' (sV P) (outputs X) O
     + \sum_(h < K) (lam h * read_change P P' (sA P h) (branch_in (Bl h)) O).
Proof.
  intros (lip & vu & au & Hlip & Hvu & Hau & Hlam0 & Hlam) EU EA EQ EV.
  assert (Hpos : forall M r n, 0 <= read_change P P' M r n) by (intros; apply l2norm_nonneg).
  (* from the top block down *)
  assert (Hdown : forall e n, (n + e = K)%nat ->
    read_change P P' (sV P) (outputs X) K <= read_change P P' (sV P) (outputs X) n
      + \sum_(h in seq n e) (lam h * read_change P P' (sA P h) (branch_in (Bl h)) n)).
  { induction e as [|e IH]; intros n Hn.
    - replace n with K by lia. simpl. lra.
    - eapply Rle_trans; [apply (IH (S n)); lia|].
      assert (HnK : (n < K)%nat) by lia. pose proof (Hlip n HnK) as Hl. pose proof (proj1 Hl) as Hl0.
      set (rho := read_change P P' (sA P n) (branch_in (Bl n)) n).
      assert (HV : read_change P P' (sV P) (outputs X) (S n)
                   <= read_change P P' (sV P) (outputs X) n + vu n * (lip n * rho)).
      { apply read_change_step; auto. }
      assert (HA : \sum_(h in seq (S n) e) (lam h * read_change P P' (sA P h) (branch_in (Bl h)) (S n))
        <= \sum_(h in seq (S n) e) (lam h * read_change P P' (sA P h) (branch_in (Bl h)) n)
           + (\sum_(h in seq (S n) e) (lam h * au h n)) * (lip n * rho)).
      { rewrite <- lsum_scal_r, <- lsum_plus. apply lsum_le; intros h Hh. apply in_seq in Hh.
        assert (Hstep : read_change P P' (sA P h) (branch_in (Bl h)) (S n)
          <= read_change P P' (sA P h) (branch_in (Bl h)) n + au h n * (lip n * rho)).
        { apply read_change_step; auto. apply Hau. lia. }
        apply (Rmult_le_compat_l (lam h)) in Hstep; [lra | apply Hlam0; lia]. }
      cbn [seq lsum]. fold rho.
      assert (Hend : (vu n + \sum_(h in seq (S n) e) (lam h * au h n)) * (lip n * rho) <= lam n * rho).
      { specialize (Hlam n HnK). replace (K - S n)%nat with e in Hlam by lia.
        apply (Rmult_le_compat_r rho) in Hlam; [lra | apply Hpos]. }
      lra. }
  eapply Rle_trans; [|apply (Hdown K O); lia]. right. unfold read_change, fnorm. f_equal.
  apply matrix_ext; intros k c. unfold stream. rewrite EV, <- lsum_minus. apply lsum_ext; intros; ring.
Qed.

Theorem L3_stream sigma lam P J ctr cf t : moment X sigma -> stream_gain P lam ->
  NoDup J -> (forall j, In j J -> (j < m)%nat) -> 0 <= t ->
  fnorm X (fun k c => stream (lin t P (stream_merge P J ctr cf)) k c - stream P k c)
  <= t * stream_deviation sigma lam P J ctr cf.
Proof.
  intros Hs Hgain HN HJ Ht. set (P' := lin t P (stream_merge P J ctr cf)).
  pose proof Hgain as (lip & vu & au & _ & _ & _ & Hlam0 & _).
  set (dz := fun j k => stream_feature P' k j - stream_feature P k j).
  assert (Hstay : forall j, ~ In j J -> pnorm X (dz j) = 0).
  { intros j Hj. apply wnorm_zero; intros k _. unfold dz, stream_feature. apply mem_false in Hj.
    rewrite (dot_ext X (sW P' j) (sW P j)); [ring|]. intros i. unfold P', stream_merge; stream_entries. rewrite Hj. ring. }
  assert (Hmove : forall j, In j J -> pnorm X (dz j)
                  <= t * (sigma * enorm (seen X) (fun i => sW P j i - cf j * sW P (ctr j) i))).
  { intros j Hj. apply mem_In in Hj.
    eapply Rle_trans.
    { apply (wnorm_mono _ _ (weight_nonneg X) _
        (fun k => t * dot X (fun i => sW P j i - cf j * sW P (ctr j) i) (input X k))).
      intros k _. eapply Rle_trans; [apply L1b_lipschitz|]. right. rewrite Rabs_minus_sym. f_equal.
      unfold dot. rewrite <- lsum_minus, <- lsum_scal. apply lsum_ext; intros i _.
      unfold P', stream_merge; stream_entries. rewrite Hj. ring. }
    rewrite wnorm_scal_pos by easy. apply Rmult_le_compat_l; [easy | now apply moment_norm]. }
  assert (Hread : forall M r, read_change P P' M r O <= \sum_(j < m) (enorm r (M j) * pnorm X (dz j))).
  { intros M r. apply (l2norm_rank1_sum X r (seq 0 m) dz M). }
  eapply Rle_trans.
  { apply (stream_move P P' lam Hgain).
    - intros n. apply matrix_ext; intros; unfold P', stream_merge; stream_entries; ring.
    - intros n. apply matrix_ext; intros; unfold P', stream_merge; stream_entries; ring.
    - intros n. apply functional_extensionality; intros d. apply matrix_ext; intros.
      unfold P', stream_merge; stream_entries; ring.
    - apply matrix_ext; intros; unfold P', stream_merge; stream_entries; ring. }
  apply Rle_trans with (\sum_(j < m) (stream_out lam P j * pnorm X (dz j))).
  { apply Rle_trans with (\sum_(j < m) (enorm (outputs X) (sV P j) * pnorm X (dz j))
      + \sum_(h < K) (lam h * \sum_(j < m) (enorm (branch_in (Bl h)) (sA P h j) * pnorm X (dz j)))).
    - apply Rplus_le_compat; [apply Hread|]. apply lsum_le; intros h Hh. apply in_rng in Hh.
      apply Rmult_le_compat_l; [now apply Hlam0 | apply Hread].
    - right. rewrite (lsum_ext (seq 0 K) (fun h => lam h * \sum_(j < m) (enorm (branch_in (Bl h)) (sA P h j) * pnorm X (dz j)))
        (fun h => \sum_(j < m) (lam h * enorm (branch_in (Bl h)) (sA P h j) * pnorm X (dz j)))).
      + rewrite lsum_swap, <- lsum_plus. apply lsum_ext; intros j _. unfold stream_out.
        rewrite Rmult_plus_distr_r, <- lsum_scal_r. easy.
      + intros h _. rewrite <- lsum_scal. apply lsum_ext; intros; ring. }
  rewrite (lsum_ext _ _ (fun j => if mem j J then stream_out lam P j * pnorm X (dz j) else 0)).
  2:{ intros j _. destruct (mem j J) eqn:E; [easy|]. apply mem_false in E. rewrite Hstay by easy. ring. }
  rewrite lsum_mem by easy. unfold stream_deviation. rewrite <- !lsum_scal. apply lsum_le; intros j Hj.
  assert (HC : 0 <= stream_out lam P j).
  { apply Rplus_le_le_0_compat; [apply enorm_nonneg|]. apply lsum_nonneg; intros h Hh. apply in_rng in Hh.
    apply Rmult_le_pos; [now apply Hlam0 | apply enorm_nonneg]. }
  pose proof (Rmult_le_compat_l _ _ _ HC (Hmove j Hj)). lra.
Qed.

(** with projections D(J) is "sigma sum_J s_j sin(min(phi_j, pi/2))" here too (rows not 0) *)
Theorem L3_stream_deviation sigma lam P J ctr :
  (forall j, In j J -> 0 < enorm (seen X) (sW P j) /\ 0 < enorm (seen X) (sW P (ctr j))) ->
  stream_deviation sigma lam P J ctr (fun j => projection X (sW P j) (sW P (ctr j)))
  = sigma * \sum_(j in J) (enorm (seen X) (sW P j) * stream_out lam P j
      * sin (Rmin (angle X (sW P j) (sW P (ctr j))) (PI / 2))).
Proof.
  intros H. unfold stream_deviation. f_equal. apply lsum_ext; intros j Hj. destruct (H j Hj) as [H1 H2].
  rewrite (L3_sine X _ _ H1 H2). ring.
Qed.

(** * L4 *)

Definition stream_rebase (P : stream_param) (J : list nat) (ctr : nat -> nat) (cf : nat -> R) : stream_param :=
  stream_make (fun j i => if mem j J then 0 else sW P j i) (receive J (single ctr cf) (sV P))
    (fun k => receive J (single ctr cf) (sA P k))
    (fun k j s => if mem j J then sU P k j s - cf j * sU P k (ctr j) s else sU P k j s) (sQ P).

Theorem L4_stream l P J ctr cf t : 0 <= t <= 1 -> admissible m l J ctr cf ->
  (forall j, In j J -> forall i, sW P j i = cf j * sW P (ctr j) i) ->
  stream (lin t P (stream_rebase P J ctr cf)) = stream P.
Proof.
  intros Ht [(HN & _ & HJ) [Hc Hcf]] HW. set (P' := lin t P (stream_rebase P J ctr cf)).
  (* z'_(n,j) = z_(n,j) - t c z_(n,i) on J, for every n *)
  assert (Hstate : forall n k j, state P' n k j
      = if mem j J then state P n k j - t * cf j * state P n k (ctr j) else state P n k j).
  { induction n as [|n IH]; intros k j.
    - cbn [state]. unfold stream_feature. destruct (mem j J) eqn:E.
      + apply mem_In in E.
        rewrite (dot_ext X (sW P' j) (fun i => ((1 - t) * cf j) * sW P (ctr j) i)).
        2:{ intros i. unfold P', stream_rebase; stream_entries. rewrite (proj2 (mem_In j J) E).
            pose proof (HW j E i) as Hji. unfold sW in Hji. rewrite Hji. ring. }
        rewrite (dot_ext X (sW P j) (fun i => cf j * sW P (ctr j) i)) by now apply HW.
        rewrite !dot_scal. pose proof (Hcf j E).
        rewrite !L1a_homogeneous; [ring | easy | apply Rmult_le_pos; lra].
      + f_equal. apply dot_ext. intros i. unfold P', stream_rebase; stream_entries. rewrite E. ring.
    - assert (Hread : block_reading P' n k = block_reading P n k).
      { apply functional_extensionality; intros a.
        apply (receive_sum m J ctr cf (sA P n) (state P n k) (state P' n k) a t); auto. }
      assert (Hout : block_out P' n k = block_out P n k).
      { apply functional_extensionality; intros s. unfold block_out. rewrite Hread.
        replace (sQ P' n) with (sQ P n); [easy|]. apply functional_extensionality; intros d.
        apply matrix_ext; intros. unfold P', stream_rebase; stream_entries; ring. }
      rewrite !state_S, IH, Hout. destruct (mem j J) eqn:E.
      + rewrite (lsum_ext _ (fun s => sU P' n j s * block_out P n k s) (fun s => sU P n j s * block_out P n k s
           - t * cf j * (sU P n (ctr j) s * block_out P n k s))).
        * rewrite lsum_minus, lsum_scal. ring.
        * intros s _. unfold P', stream_rebase; stream_entries. rewrite E. ring.
      + f_equal. apply lsum_ext; intros s _. f_equal. unfold P', stream_rebase; stream_entries. rewrite E. ring. }
  apply matrix_ext; intros k c.
  apply (receive_sum m J ctr cf (sV P) (state P K k) (state P' K k) c t); auto.
Qed.

(** "at the end z_(0,j) = 0": nothing is left of j's feature, and A_1 reads nothing of it *)
Theorem L4_stream_silent P J ctr cf k j : In j J -> state (lin 1 P (stream_rebase P J ctr cf)) 0 k j = 0.
Proof.
  intros Hj. cbn [state]. unfold stream_feature. apply mem_In in Hj.
  rewrite (dot_ext X _ (fun i => 0 * sW P j i)).
  - rewrite dot_scal, Rmult_0_l. unfold relu. apply Rmax_left. lra.
  - intros i. unfold stream_rebase; stream_entries. rewrite Hj. ring.
Qed.

(** * T3's elimination: "the readers [V; A_2; ...; A_K] and their column basis (A_1 reads only z_0, which is 0 on J)" *)

Definition stream_eliminate (P : stream_param) (J Bs : list nat) (E : matrix) : stream_param :=
  stream_make (sW P) (sV P) (sA P)
    (fun k i s => if mem i J then 0
                  else if mem i Bs then sU P k i s + \sum_(j in J) (E j i * sU P k j s) else sU P k i s) (sQ P).

(** column j of the reader M is the combination E_j of its columns in Bs, on its first n rows *)
Definition spanned_reader (n : nat) (M : matrix) (J Bs : list nat) (E : matrix) : Prop :=
  forall j, In j J -> forall a, (a < n)%nat -> M j a = \sum_(b < m) (if mem b Bs then E j b * M b a else 0).

(** a Lipschitz map looks at the coordinates it is given, and no others *)
Lemma lipschitz_local (b : branch) q lip x y : lipschitz b q lip ->
  (forall a, (a < branch_in b)%nat -> x a = y a) -> forall s, (s < branch_out b)%nat -> act b q x s = act b q y s.
Proof.
  intros [Hl H] E s Hs. specialize (H x y).
  rewrite (enorm_zero (branch_in b)) in H by (intros i Hi; rewrite E by easy; ring).
  pose proof (enorm_entry (branch_out b) (fun s => act b q x s - act b q y s) s Hs) as He. cbv beta in He.
  destruct (Req_dec (act b q x s - act b q y s) 0) as [E0|N]; [lra|]. apply Rabs_pos_lt in N. lra.
Qed.

Theorem eliminate_stream P J Bs E t : NoDup J -> (forall j, In j J -> (j < m)%nat) ->
  (forall b, In b Bs -> ~ In b J) ->
  spanned_reader (outputs X) (sV P) J Bs E ->
  (forall k, (0 < k < K)%nat -> spanned_reader (branch_in (Bl k)) (sA P k) J Bs E) ->
  (forall k, (k < K)%nat -> exists lip, lipschitz (Bl k) (sQ P k) lip) ->
  forall k c, (c < outputs X)%nat -> stream (lin t P (stream_eliminate P J Bs E)) k c = stream P k c.
Proof.
  intros HN HJ HB HV HA Hlip k c Hc. set (P' := lin t P (stream_eliminate P J Bs E)).
  (* what the blocks below n have put on the stream *)
  set (g := fun n j => state P n k j - state P O k j).
  set (shift := fun n i => t * (if mem i J then - g n i else if mem i Bs then \sum_(j in J) (E j i * g n j) else 0)).
  (* a spanned reader does not see the shift *)
  assert (Hblind : forall r M n a, spanned_reader r M J Bs E -> (a < r)%nat -> \sum_(i < m) (M i a * shift n i) = 0).
  { intros r M n a HM Ha. unfold shift.
    rewrite (lsum_ext _ _ (fun i => t * ((if mem i Bs then M i a * \sum_(j in J) (E j i * g n j) else 0)
      - (if mem i J then M i a * g n i else 0)))).
    2:{ intros i _. destruct (mem i J) eqn:EJ; [|destruct (mem i Bs); ring].
        destruct (mem i Bs) eqn:EB; [|ring]. exfalso. apply mem_In in EJ, EB. now apply (HB i). }
    rewrite lsum_scal, lsum_minus, (lsum_mem m J) by easy.
    replace (\sum_(i < m) (if mem i Bs then M i a * \sum_(j in J) (E j i * g n j) else 0))
      with (\sum_(j in J) (M j a * g n j)); [ring|].
    rewrite (lsum_ext (seq 0 m) (fun i => if mem i Bs then _ else 0)
      (fun i => \sum_(j in J) (if mem i Bs then E j i * M i a * g n j else 0))).
    - rewrite lsum_swap. apply lsum_ext; intros j Hj. rewrite (HM j Hj a Ha), <- lsum_scal_r.
      apply lsum_ext; intros b _. destruct (mem b Bs); ring.
    - intros i _. destruct (mem i Bs).
      + rewrite <- lsum_scal. apply lsum_ext; intros; ring.
      + symmetry. now apply lsum_zero. }
  assert (Hstate : forall n, (n <= K)%nat -> forall i, state P' n k i = state P n k i + shift n i).
  { induction n as [|n IH]; intros Hn i.
    - unfold shift, g. cbn [state].
      replace (stream_feature P' k i) with (stream_feature P k i).
      + destruct (mem i J); [ring|]. destruct (mem i Bs); [|ring]. rewrite lsum_zero by (intros; ring). ring.
      + unfold stream_feature. f_equal. apply dot_ext. intros; unfold P', stream_eliminate; stream_entries; ring.
    - specialize (IH ltac:(lia)).
      assert (HAsame : sA P' n = sA P n)
        by (apply matrix_ext; intros; unfold P', stream_eliminate; stream_entries; ring).
      assert (Hread : forall a, (a < branch_in (Bl n))%nat -> block_reading P' n k a = block_reading P n k a).
      { intros a Ha. unfold block_reading. rewrite HAsame.
        rewrite (lsum_ext _ _ (fun j => sA P n j a * state P n k j + sA P n j a * shift n j))
          by (intros; rewrite IH; ring).
        rewrite lsum_plus. destruct n as [|n'].
        - (* the first block reads z_0, which does not move *)
          rewrite (lsum_zero _ (fun j => sA P O j a * shift O j)); [ring|]. intros j _. unfold shift, g.
          destruct (mem j J); [ring|]. destruct (mem j Bs); [|ring]. rewrite lsum_zero by (intros; ring). ring.
        - rewrite (Hblind (branch_in (Bl (S n')))); [ring | apply HA; lia | easy]. }
      assert (Hout : forall s, (s < branch_out (Bl n))%nat -> block_out P' n k s = block_out P n k s).
      { intros s Hs. unfold block_out. replace (sQ P' n) with (sQ P n).
        - destruct (Hlip n ltac:(lia)) as (lip & Hl). now apply (lipschitz_local (Bl n) (sQ P n) lip).
        - apply functional_extensionality; intros d. apply matrix_ext; intros.
          unfold P', stream_eliminate; stream_entries; ring. }
      set (o := block_out P n k). set (u := fun i => \sum_(s < branch_out (Bl n)) (sU P n i s * o s)).
      assert (Hg : forall j, g (S n) j = g n j + u j) by (intros j; unfold g, u, o; rewrite state_S; ring).
      assert (HU : \sum_(s < branch_out (Bl n)) (sU P' n i s * block_out P' n k s)
        = u i + t * (if mem i J then - u i else if mem i Bs then \sum_(j in J) (E j i * u j) else 0)).
      { rewrite (lsum_ext _ _ (fun s => sU P' n i s * o s))
          by (intros s Hs; apply in_rng in Hs; rewrite Hout by easy; reflexivity).
        unfold u. destruct (mem i J) eqn:EJ; [|destruct (mem i Bs) eqn:EB].
        - replace (- lsum (seq 0 (branch_out (Bl n))) (fun s => sU P n i s * o s))
            with (\sum_(s < branch_out (Bl n)) ((-1) * (sU P n i s * o s))) by (rewrite lsum_scal; ring).
          rewrite <- lsum_scal, <- lsum_plus. apply lsum_ext; intros s _.
          unfold P', stream_eliminate; stream_entries. rewrite EJ. ring.
        - rewrite (lsum_ext J _ (fun j => \sum_(s < branch_out (Bl n)) (E j i * (sU P n j s * o s))))
            by (intros; now rewrite lsum_scal).
          rewrite lsum_swap, <- lsum_scal, <- lsum_plus. apply lsum_ext; intros s _.
          unfold P', stream_eliminate; stream_entries. rewrite EJ, EB.
          rewrite (lsum_ext J (fun j => E j i * (P (StreamU n j s) * o s)) (fun j => (E j i * P (StreamU n j s)) * o s))
            by (intros; ring).
          rewrite lsum_scal_r. ring.
        - rewrite Rmult_0_r, Rplus_0_r. apply lsum_ext; intros s _.
          unfold P', stream_eliminate; stream_entries. rewrite EJ, EB. ring. }
      rewrite !state_S, IH, HU. fold o. change (\sum_(s < branch_out (Bl n)) (sU P n i s * o s)) with (u i).
      unfold shift. rewrite Hg. destruct (mem i J); [ring|]. destruct (mem i Bs); [|ring].
      rewrite (lsum_ext J (fun j => E j i * g (S n) j) (fun j => E j i * g n j + E j i * u j))
        by (intros; rewrite Hg; ring).
      rewrite lsum_plus. ring. }
  unfold stream. rewrite (lsum_ext _ _ (fun j => sV P j c * state P K k j + sV P j c * shift K j)).
  - rewrite lsum_plus, (Hblind (outputs X) (sV P)) by easy. ring.
  - intros j _. rewrite Hstate by lia. replace (sV P' j c) with (sV P j c); [ring|].
    unfold P', stream_eliminate; stream_entries; ring.
Qed.
(** * T3 *)

(** two parameters that differ on J only, where nothing is written to the stream and nothing new is read *)
Lemma stream_same P P' J : (forall n, sQ P' n = sQ P n) -> (forall n j s, sU P' n j s = sU P n j s) ->
  (forall j, In j J -> forall n s, sU P n j s = 0) ->
  (forall j, ~ In j J -> (forall i, sW P' j i = sW P j i) /\ (forall c, sV P' j c = sV P j c) /\
     (forall n a, sA P' n j a = sA P n j a)) ->
  (forall j, In j J -> forall k, (forall c, sV P' j c * stream_feature P' k j = sV P j c * stream_feature P k j) /\
     (forall n a, sA P' n j a * stream_feature P' k j = sA P n j a * stream_feature P k j)) ->
  stream P' = stream P.
Proof.
  intros EQ EU H0 Hout HJ.
  assert (Hfrozen : forall T, (forall n j s, sU T n j s = sU P n j s) -> forall n k j, In j J ->
    state T n k j = stream_feature T k j).
  { intros T ET n k j Hj. induction n as [|n IH]; [easy|]. rewrite state_S, IH, lsum_zero; [ring|].
    intros s _. rewrite ET, H0 by easy. ring. }
  assert (Hstate : forall n k j, ~ In j J -> state P' n k j = state P n k j).
  { induction n as [|n IH]; intros k j Hj.
    - cbn [state]. unfold stream_feature. f_equal. apply dot_ext. now apply Hout.
    - rewrite !state_S, IH by easy. f_equal. apply lsum_ext; intros s _. rewrite EU. f_equal.
      unfold block_out. rewrite EQ. f_equal. apply functional_extensionality; intros a.
      apply lsum_ext; intros i _. destruct (in_dec Nat.eq_dec i J) as [Hi|Hi].
      + rewrite (Hfrozen P'), (Hfrozen P) by easy. now apply HJ.
      + rewrite IH by easy. f_equal. now apply Hout. }
  apply matrix_ext; intros k c. apply lsum_ext; intros j _. destruct (in_dec Nat.eq_dec j J) as [Hj|Hj].
  - rewrite (Hfrozen P'), (Hfrozen P) by easy. now apply HJ.
  - rewrite Hstate by easy. f_equal. now apply Hout.
Qed.

(** V lives on J and no block writes there: only the skip layer is left *)
Lemma stream_on_J P J : (forall j, ~ In j J -> forall c, sV P j c = 0) ->
  (forall j, In j J -> forall n s, sU P n j s = 0) ->
  forall k c, stream P k c = \sum_(j < m) (sV P j c * stream_feature P k j).
Proof.
  intros HV HU k c. apply lsum_ext; intros j _. destruct (in_dec Nat.eq_dec j J) as [Hj|Hj].
  - f_equal. generalize K as n. induction n as [|n IH]; [easy|]. rewrite state_S, IH, lsum_zero; [ring|].
    intros s _. rewrite HU by easy. ring.
  - rewrite !HV by easy. ring.
Qed.

(** "V, A_k silent on J" and the new rows *)
Definition stream_clear (P : stream_param) (J : list nat) : stream_param :=
  stream_make (sW P) (fun j c => if mem j J then 0 else sV P j c)
    (fun k j a => if mem j J then 0 else sA P k j a) (sU P) (sQ P).
Definition stream_load (P : stream_param) (J : list nat) (w : matrix) : stream_param :=
  stream_make (fun j i => if mem j J then w j i else sW P j i) (sV P) (sA P) (sU P) (sQ P).
Definition stream_readout (P : stream_param) (v : matrix) : stream_param :=
  stream_make (sW P) v (sA P) (sU P) (sQ P).

(** L7: STREAM, V alone *)
Theorem L7_stream P v t k c : stream (lin t P (stream_readout P v)) k c
  = (1 - t) * stream P k c + t * stream (stream_readout P v) k c.
Proof.
  assert (Hstate : forall T n, sW T = sW P -> sA T = sA P -> sU T = sU P -> sQ T = sQ P -> state T n k = state P n k).
  { intros T n EW EA EU EQ. induction n as [|n IH]; apply functional_extensionality; intros j.
    - cbn [state]. unfold stream_feature. now rewrite EW.
    - cbn [state]. now rewrite IH, EA, EU, EQ. }
  unfold stream. rewrite (Hstate (lin t P (stream_readout P v)) K), (Hstate (stream_readout P v) K); try easy.
  - rewrite <- lsum_lin. apply lsum_ext; intros j _. unfold stream_readout; stream_entries. ring.
  - apply matrix_ext; intros; unfold stream_readout; stream_entries; ring.
  - apply functional_extensionality; intros n. apply matrix_ext; intros; unfold stream_readout; stream_entries; ring.
  - apply functional_extensionality; intros n. apply matrix_ext; intros; unfold stream_readout; stream_entries; ring.
  - apply functional_extensionality; intros n. apply functional_extensionality; intros d.
    apply matrix_ext; intros; unfold stream_readout; stream_entries; ring.
Qed.

(** a network without blocks, as a STREAM *)
Definition embed (T : param) : stream_param :=
  stream_make (W T) (V T) (fun _ _ _ => 0) (fun _ _ _ => 0) (fun _ _ _ _ => 0).

Lemma embed_lin t T T' : embed (lin t T T') = lin t (embed T) (embed T').
Proof.
  apply functional_extensionality; intros []; unfold embed, lin, stream_make, W, V; try ring.
Qed.

Lemma embed_stream T : stream (embed T) = skip X m T.
Proof.
  apply matrix_ext; intros k c. unfold stream, skip. apply lsum_ext; intros j _. f_equal.
  generalize K as n. induction n as [|n IH]; [easy|]. rewrite state_S, IH, lsum_zero; [ring|].
  intros s _. change (sU (embed T) n j s) with 0. ring.
Qed.

Lemma embed_joined ok T T' : joined ok T T' ->
  joined (fun S => exists T0, S = embed T0 /\ ok T0) (embed T) (embed T').
Proof.
  induction 1 as [T H | T Q T' H _ IH].
  - apply joined_refl. now exists T.
  - apply (joined_step _ (embed T) (embed Q)); [|easy]. intros t Ht.
    exists (lin t T Q). split; [now rewrite embed_lin | now apply H].
Qed.

(** the slots Bs span the columns of the readers V, A_2, ..., A_K (here A_1, ..., A_(K-1)) *)
Definition stream_basis (P : stream_param) (Bs : list nat) (E : matrix) : Prop := forall j, (j < m)%nat ->
  (forall c, (c < outputs X)%nat -> sV P j c = \sum_(b < m) (if mem b Bs then E j b * sV P b c else 0)) /\
  (forall k, (0 < k < K)%nat -> forall a, (a < branch_in (Bl k))%nat ->
     sA P k j a = \sum_(b < m) (if mem b Bs then E j b * sA P k b a else 0)).

(** columns of J and of Bs do not receive anything in L4 *)
Lemma received_reader n (M : matrix) J ctr cf Bs E : (forall j, In j J -> ~ In (ctr j) Bs) ->
  spanned_reader n M J Bs E -> spanned_reader n (receive J (single ctr cf) M) J Bs E.
Proof.
  intros Hctr HM j Hj a Ha.
  assert (Hstay : forall i, In i J \/ In i Bs -> receive J (single ctr cf) M i a = M i a).
  { intros i Hi. unfold receive. destruct (mem i J) eqn:EJ; [easy|]. rewrite lsum_zero; [ring|].
    intros j' Hj'. unfold single. destruct (Nat.eqb_spec (ctr j') i) as [<-|_]; [|ring]. exfalso.
    destruct Hi as [Hi|Hi]; [apply mem_In in Hi; congruence | now apply (Hctr j')]. }
  rewrite Hstay by now left. rewrite (HM j Hj a Ha). apply lsum_ext; intros b _.
  destruct (mem b Bs) eqn:EB; [|easy]. rewrite Hstay; [easy|]. right. now apply mem_In.
Qed.

Definition stream_loss (Phi : (nat -> vector) -> R) (P : stream_param) : R := Phi (stream P).

Theorem T3_from_merge Phi G l w v sigma lam P J ctr cf Bs E : tame X G Phi ->
  moment X sigma -> stream_gain P lam ->
  admissible m l J ctr cf -> outside Bs J ctr -> stream_basis P Bs E ->
  exists T, placed m l w v (fun k => nth k J O) T /\ stream (embed T) = two_layer X l w v /\
  joined (sublevel (stream_loss Phi) (Rmax (stream_loss Phi P + G * stream_deviation sigma lam P J ctr cf)
                                           (Phi (two_layer X l w v)))) P (embed T).
Proof.
  intros HPhi Hs Hgain Ha [HBJ Hctr] Hbasis. pose proof Ha as [HJ [Hc Hcf]]. pose proof HJ as (HN & HL & HJm).
  pose proof HPhi as (HG & HL8 & HL7).
  pose proof Hgain as (lip & vu & au & Hlip & _ & _ & Hlam0 & _).
  set (d := stream_deviation sigma lam P J ctr cf).
  assert (Hd : 0 <= d).
  { apply Rmult_le_pos; [apply Hs|]. apply lsum_nonneg; intros j _. apply Rmult_le_pos; [apply enorm_nonneg|].
    apply Rplus_le_le_0_compat; [apply enorm_nonneg|]. apply lsum_nonneg; intros h Hh. apply in_rng in Hh.
    apply Rmult_le_pos; [now apply Hlam0 | apply enorm_nonneg]. }
  set (c := Rmax (stream_loss Phi P + G * d) (Phi (two_layer X l w v))).
  set (P1 := stream_merge P J ctr cf). set (P2 := stream_rebase P1 J ctr cf).
  set (P3 := stream_eliminate P2 J Bs E). set (P4 := stream_clear P3 J).
  set (P5 := stream_load P4 J (fun j => w (pos j J))).
  set (P6 := stream_readout P5 (fun j a => if mem j J then v (pos j J) a else 0)).
  set (T := make (sW P6) (sV P6) (fun _ _ => 0) (fun _ _ => 0) (fun _ _ _ => 0)).
  assert (HT : placed m l w v (fun k => nth k J O) T).
  { split; [|split; [|split]].
    - intros k Hk i. change (W T (nth k J O) i) with
        (if mem (nth k J O) J then w (pos (nth k J O) J) i else sW P4 (nth k J O) i).
      rewrite at_J by (apply nth_In; lia). now rewrite pos_nth by (auto; lia).
    - intros k Hk i. change (V T (nth k J O) i) with (if mem (nth k J O) J then v (pos (nth k J O) J) i else 0).
      rewrite at_J by (apply nth_In; lia). now rewrite pos_nth by (auto; lia).
    - intros j Hj Hf i. apply (list_free l J j HL) in Hf.
      change (V T j i) with (if mem j J then v (pos j J) i else 0). apply mem_false in Hf. now rewrite Hf.
    - easy. }
  destruct (placed_copy X m no_blocks l w v _ _ (list_injective m l J HJ) HT) as (_ & HfunT & _).
  assert (HnetT : stream (embed T) = two_layer X l w v) by now rewrite embed_stream.
  exists T. split; [easy|]. split; [easy|].
  (* L3 *)
  assert (H1 : forall t, 0 <= t <= 1 -> stream_loss Phi (lin t P P1) <= stream_loss Phi P + G * d).
  { intros t Ht. unfold stream_loss. eapply Rle_trans; [apply (HL8 _ (stream P))|].
    apply Rplus_le_compat_l, Rmult_le_compat_l; [easy|].
    eapply Rle_trans; [apply (L3_stream sigma lam); auto; lra|]. fold d. nra. }
  (* the later corners compute what P1 computes, on the data *)
  assert (E2 : forall t, 0 <= t <= 1 -> stream (lin t P1 P2) = stream P1).
  { intros t Ht. apply (L4_stream l); [easy | easy|]. intros j Hj i. destruct (Hc j Hj) as [_ Ho].
    unfold P1, stream_merge; stream_entries. apply mem_In in Hj. apply mem_false in Ho. now rewrite Hj, Ho. }
  assert (E2' : stream P2 = stream P1) by (rewrite <- (lin_1 P1 P2); apply E2; lra).
  assert (HV2 : spanned_reader (outputs X) (sV P2) J Bs E).
  { apply (received_reader (outputs X) (sV P1)); [easy|]. intros j Hj. now apply Hbasis, HJm. }
  assert (HA2 : forall k, (0 < k < K)%nat -> spanned_reader (branch_in (Bl k)) (sA P2 k) J Bs E).
  { intros k Hk. apply (received_reader (branch_in (Bl k)) (sA P1 k)); [easy|]. intros j Hj. now apply Hbasis; [apply HJm|]. }
  assert (E3 : forall t, fnorm X (fun k i => stream (lin t P2 P3) k i - stream P2 k i) <= 0).
  { intros t. unfold fnorm. rewrite (l2norm_ext _ _ _ (fun _ _ => 0)).
    - rewrite l2norm_zero; [lra | easy].
    - intros k i _ Hi. unfold P3. rewrite (eliminate_stream P2 J Bs E t); auto; [ring|].
      intros n Hn. exists (lip n). exact (Hlip n Hn). }
  assert (HU3 : forall j, In j J -> forall n s, sU P3 n j s = 0).
  { intros j Hj n s. unfold P3, stream_eliminate, sU, stream_make. now apply at_J. }
  assert (HW3 : forall j, In j J -> forall k, stream_feature P3 k j = 0).
  { intros j Hj k. unfold stream_feature. rewrite relu_neg; [easy|]. right. apply lsum_zero. intros i _.
    change (sW P3 j i) with (if mem j J then 0 else sW P1 j i). rewrite at_J by easy. ring. }
  assert (E4 : forall t, stream (lin t P3 P4) = stream P3).
  { intros t. apply (stream_same P3 (lin t P3 P4) J).
    - intros n. apply functional_extensionality; intros e. apply matrix_ext; intros.
      unfold P4, stream_clear; stream_entries; ring.
    - intros n j s. unfold P4, stream_clear; stream_entries; ring.
    - exact HU3.
    - intros j Hj. apply mem_false in Hj. repeat split; intros; unfold P4, stream_clear; stream_entries; rewrite ?Hj; ring.
    - intros j Hj k. assert (Hz : stream_feature (lin t P3 P4) k j = stream_feature P3 k j).
      { unfold stream_feature. f_equal. apply dot_ext. intros; unfold P4, stream_clear; stream_entries; ring. }
      rewrite Hz, (HW3 j Hj). split; intros; ring. }
  assert (HV4 : forall j, In j J -> (forall i, sV P4 j i = 0) /\ (forall n a, sA P4 n j a = 0)).
  { intros j Hj. split; intros; unfold P4, stream_clear, sV, sA, stream_make; now apply at_J. }
  assert (E5 : forall t, stream (lin t P4 P5) = stream P4).
  { intros t. apply (stream_same P4 (lin t P4 P5) J).
    - intros n. apply functional_extensionality; intros e. apply matrix_ext; intros.
      unfold P5, stream_load; stream_entries; ring.
    - intros n j s. unfold P5, stream_load; stream_entries; ring.
    - exact HU3.
    - intros j Hj. apply mem_false in Hj. repeat split; intros; unfold P5, stream_load; stream_entries; rewrite ?Hj; ring.
    - intros j Hj k. destruct (HV4 j Hj) as [H0 H0']. split; intros.
      + replace (sV (lin t P4 P5) j c0) with (sV P4 j c0) by (unfold P5, stream_load; stream_entries; ring).
        rewrite H0. ring.
      + replace (sA (lin t P4 P5) n j a) with (sA P4 n j a) by (unfold P5, stream_load; stream_entries; ring).
        rewrite H0'. ring. }
  assert (HV6 : forall j, ~ In j J -> forall i, sV P6 j i = 0).
  { intros j Hj i. change (sV P6 j i) with (if mem j J then v (pos j J) i else 0). apply mem_false in Hj. now rewrite Hj. }
  assert (E6 : forall t k i, stream (lin t P6 (embed T)) k i = stream (embed T) k i).
  { intros t k i. rewrite !(stream_on_J _ J).
    - apply lsum_ext; intros j _. f_equal.
      + change ((1 - t) * sV P6 j i + t * sV P6 j i = sV P6 j i). ring.
      + unfold stream_feature. f_equal. apply dot_ext. intros n.
        change ((1 - t) * sW P6 j n + t * sW P6 j n = sW P6 j n). ring.
    - exact HV6.
    - easy.
    - intros j Hj n. change (sV (lin t P6 (embed T)) j n) with ((1 - t) * sV P6 j n + t * sV P6 j n).
      rewrite HV6 by easy. ring.
    - intros j Hj n s. change (sU (lin t P6 (embed T)) n j s) with ((1 - t) * sU P3 n j s + t * 0).
      rewrite HU3 by easy. ring. }
  (* levels *)
  assert (B1 : stream_loss Phi P1 <= c).
  { rewrite <- (lin_1 P P1). eapply Rle_trans; [apply H1; lra | apply Rmax_l]. }
  assert (B2 : stream_loss Phi P2 <= c) by (unfold stream_loss in *; now rewrite E2').
  assert (B3 : forall t, stream_loss Phi (lin t P2 P3) <= c).
  { intros t. unfold stream_loss. eapply Rle_trans; [apply (HL8 _ (stream P2))|].
    pose proof (Rmult_le_compat_l _ _ _ HG (E3 t)) as Hmul. unfold stream_loss in B2. lra. }
  assert (B3' : stream_loss Phi P3 <= c) by (rewrite <- (lin_1 P2 P3); apply B3).
  assert (B4 : stream_loss Phi P4 <= c) by (unfold stream_loss in *; now rewrite <- (lin_1 P3 P4), E4).
  assert (B5 : stream_loss Phi P5 <= c) by (unfold stream_loss in *; now rewrite <- (lin_1 P4 P5), E5).
  assert (E6' : forall t, stream (lin t P6 (embed T)) = stream (embed T)) by (intros; apply matrix_ext; intros; apply E6).
  assert (B6 : forall t, stream_loss Phi (lin t P6 (embed T)) <= c).
  { intros t. unfold stream_loss. rewrite E6', HnetT. apply Rmax_r. }
  apply (joined_step _ P P1).
  { intros t Ht. unfold sublevel. eapply Rle_trans; [now apply H1 | apply Rmax_l]. }
  apply (joined_step _ P1 P2).
  { intros t Ht. unfold sublevel, stream_loss. now rewrite E2. }
  apply (joined_step _ P2 P3); [intros t _; apply B3|].
  apply (joined_step _ P3 P4).
  { intros t _. unfold sublevel, stream_loss. now rewrite E4. }
  apply (joined_step _ P4 P5).
  { intros t _. unfold sublevel, stream_loss. now rewrite E5. }
  apply (joined_step _ P5 P6).
  { intros t Ht. unfold sublevel, stream_loss.
    replace (stream (lin t P5 P6)) with (fun k i => (1 - t) * stream P5 k i + t * stream P6 k i)
      by (apply matrix_ext; intros; symmetry; apply L7_stream).
    eapply Rle_trans; [now apply HL7|]. apply Rmax_lub; [easy|].
    rewrite <- (lin_0 P6 (embed T)). apply (B6 0). }
  apply joined_line. intros t _. apply B6.
Qed.

(** T3, T1 for STREAM: squared error *)
Theorem T3_connect l w v sigma lam P J ctr cf Bs E :
  moment X sigma -> stream_gain P lam -> admissible m l J ctr cf -> outside Bs J ctr -> stream_basis P Bs E ->
  exists T gam, stream (embed T) = two_layer X l w v /\
    path gam /\ gam 0 = P /\ gam 1 = embed T /\ forall t, 0 <= t <= 1 ->
    sqrt (squared X (stream (gam t))) <= Rmax (sqrt (squared X (stream P)) + stream_deviation sigma lam P J ctr cf)
                                              (sqrt (squared X (two_layer X l w v))).
Proof.
  intros Hs Hgain Ha Hout Hbasis.
  destruct (T3_from_merge (fun f => sqrt (squared X f)) 1 l w v sigma lam P J ctr cf Bs E (tame_squared X)
    Hs Hgain Ha Hout Hbasis) as (T & _ & Hnet & Hjoin).
  rewrite Rmult_1_l in Hjoin. destruct (joined_path _ _ _ Hjoin) as (gam & Hgam).
  exists T, gam. split; [exact Hnet | exact Hgam].
Qed.

(** T3, C2 for STREAM: squared error *)
Theorem T3_connected l w v sigma lam lam' P P' J J' ctr ctr' cf cf' Bs Bs' E E' level : (l < m)%nat ->
  moment X sigma -> stream_gain P lam -> stream_gain P' lam' ->
  admissible m l J ctr cf -> admissible m l J' ctr' cf' -> outside Bs J ctr -> outside Bs' J' ctr' ->
  stream_basis P Bs E -> stream_basis P' Bs' E' ->
  squared X (stream P) <= level -> squared X (stream P') <= level -> squared X (two_layer X l w v) <= level ->
  exists gam, path gam /\ gam 0 = P /\ gam 1 = P' /\ forall t, 0 <= t <= 1 ->
    sqrt (squared X (stream (gam t))) <= sqrt level + Rmax (stream_deviation sigma lam P J ctr cf)
                                                           (stream_deviation sigma lam' P' J' ctr' cf').
Proof.
  intros Hlm Hs Hgain Hgain' Ha Ha' Hout Hout' Hb Hb' HP HP' Hstar.
  set (Phi := fun f => sqrt (squared X f)).
  set (d := stream_deviation sigma lam P J ctr cf). set (d' := stream_deviation sigma lam' P' J' ctr' cf').
  pose proof (Rmax_l d d') as Hl. pose proof (Rmax_r d d') as Hr.
  assert (Hd : 0 <= d).
  { pose proof (L3_stream sigma lam P J ctr cf 1 Hs Hgain (proj1 (proj1 Ha)) (proj2 (proj2 (proj1 Ha))) ltac:(lra)) as H.
    fold d in H. pose proof (fnorm_nonneg X (fun k c => stream (lin 1 P (stream_merge P J ctr cf)) k c - stream P k c)). lra. }
  apply sqrt_le_1_alt in HP, HP', Hstar.
  apply (joined_path (sublevel (stream_loss Phi) (sqrt level + Rmax d d'))).
  destruct (T3_from_merge Phi 1 l w v sigma lam P J ctr cf Bs E (tame_squared X) Hs Hgain Ha Hout Hb)
    as (T & HT & _ & Hjoin).
  destruct (T3_from_merge Phi 1 l w v sigma lam' P' J' ctr' cf' Bs' E' (tame_squared X) Hs Hgain' Ha' Hout' Hb')
    as (T' & HT' & _ & Hjoin').
  apply (joined_trans _ _ (embed T)); [|apply (joined_trans _ _ (embed T'))].
  - eapply joined_mono; [|exact Hjoin]. intros S HS. unfold sublevel in *. eapply Rle_trans; [exact HS|].
    rewrite Rmult_1_l. unfold stream_loss, Phi in *. fold d. apply Rmax_lub; lra.
  - eapply joined_mono; [|apply embed_joined; exact (L9_permutation X m no_blocks l w v _ _ _ _ Hlm
      (list_injective m l J (proj1 Ha)) (list_injective m l J' (proj1 Ha')) HT HT')].
    intros S (T0 & -> & _ & Hfun & _). unfold sublevel, stream_loss. rewrite embed_stream, Hfun. unfold Phi. lra.
  - apply joined_sym. eapply joined_mono; [|exact Hjoin']. intros S HS. unfold sublevel in *.
    eapply Rle_trans; [exact HS|]. rewrite Rmult_1_l. unfold stream_loss, Phi in *. fold d'. apply Rmax_lub; lra.
Qed.
End Stream.
