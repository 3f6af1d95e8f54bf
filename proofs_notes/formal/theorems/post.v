(** T1P [ours] (blueprint-2, section 3). POST, the residual network with a rectifier after each sum: z_k = [z_(k-1) +
    U_k q_k(A_k z_(k-1))]_+, output V z_K. Slots that nothing reads carry a two-layer network through every rectifier,
    so no basis is needed; reading J off costs a deviation that is measured on the present network.

    Definitions: [pstate], z_n at a point; [post], the output V z_K; [unread], V_j = 0 and every A_(n,j) = 0 on J;
    [enter], the weights with U_J = 0 and new rows on J; [post_readout], the weights with another V; [quiet], the
    weights with V_j = 0 and every A_(n,j) = 0 on J; [read_off], the norm of what a matrix reads of z_n on J;
    [post_change], how far z_n moves at most: 0, then (1 + u_n a_n) times what it was and u_n ||A_(n,J) z_(n,J)||;
    [post_bounds], v, u_n, a_n dominate ||V||, ||U_n|| Lip(q_n), ||A_n||; [post_deviation], D_P(J) = ||V_J z_(K,J)||
    + ||V|| times that change of z_K.
    Statements: T1P. *)

From Coq Require Import Reals Lra Psatz List Permutation Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums euclidean relu paths.
From Skipscape.networks Require Import networks blocks.
From Skipscape.lemmas Require Import losses slots stream.
Import ListNotations.
Open Scope R_scope.

Section Post.
Variables (X : data) (m K : nat) (Bl : nat -> branch).

Fixpoint pstate (P : stream_param) (n k : nat) : vector :=
  match n with
  | O => stream_feature X P k
  | S n => fun j => relu (pstate P n k j + \sum_(s < branch_out (Bl n)) (sU P n j s *
      act (Bl n) (sQ P n) (fun a => \sum_(i < m) (sA P n i a * pstate P n k i)) s))
  end.
Definition post (P : stream_param) (k c : nat) : R := \sum_(j < m) (sV P j c * pstate P K k j).

Definition unread (P : stream_param) (J : list nat) : Prop := forall j, In j J ->
  (forall c, sV P j c = 0) /\ (forall n a, sA P n j a = 0).

(** * Nothing reads J: it takes what it likes *)

(** outside J the states do not hear what happens on J *)
Lemma pstate_outside P P' J : (forall j, In j J -> forall n a, sA P n j a = 0) ->
  (forall n j a, sA P' n j a = sA P n j a) -> (forall n, sQ P' n = sQ P n) ->
  (forall j i, ~ In j J -> sW P' j i = sW P j i) -> (forall n j s, ~ In j J -> sU P' n j s = sU P n j s) ->
  forall n k j, ~ In j J -> pstate P' n k j = pstate P n k j.
Proof.
  intros HA EA EQ EW EU. induction n as [|n IH]; intros k j Hj.
  - unfold pstate, stream_feature. f_equal. apply dot_ext. intros i. now apply EW.
  - cbn [pstate]. rewrite (IH k j Hj). do 2 f_equal. apply lsum_ext; intros s _. rewrite EU, EQ by easy. do 2 f_equal.
    apply functional_extensionality; intros a. apply lsum_ext; intros i _. rewrite EA.
    destruct (in_dec Nat.eq_dec i J) as [Hi|Hi]; [rewrite HA by easy; ring | now rewrite IH].
Qed.

(** U_J to 0 and W_J to w, at once *)
Definition enter (P : stream_param) (J : list nat) (w : matrix) : stream_param :=
  stream_make (fun j i => if mem j J then w j i else sW P j i) (sV P) (sA P)
    (fun n j s => if mem j J then 0 else sU P n j s) (sQ P).

Lemma enter_silent P J w t : unread P J -> post (lin t P (enter P J w)) = post P.
Proof.
  intros H0. apply matrix_ext; intros k c. apply lsum_ext; intros j _.
  replace (sV (lin t P (enter P J w)) j c) with (sV P j c) by (unfold enter; stream_entries; ring).
  destruct (in_dec Nat.eq_dec j J) as [Hj|Hj]; [rewrite (proj1 (H0 j Hj)); ring|]. f_equal.
  apply (pstate_outside P _ J); [intros; now apply H0 | | | | | easy].
  - intros. unfold enter; stream_entries; ring.
  - intros n. apply functional_extensionality; intros d. apply matrix_ext; intros. unfold enter; stream_entries; ring.
  - intros i n Hi. unfold enter; stream_entries. apply mem_false in Hi. rewrite Hi. ring.
  - intros n i s Hi. unfold enter; stream_entries. apply mem_false in Hi. rewrite Hi. ring.
Qed.

(** where U_(k,j) = 0 for all k, z_(k,j) = z_(0,j) >= 0 passes every rectifier *)
Lemma carried P j : (forall n s, sU P n j s = 0) -> forall n k, pstate P n k j = stream_feature X P k j.
Proof.
  intros HU. induction n as [|n IH]; intros k; [easy|]. cbn [pstate].
  rewrite lsum_zero by (intros s _; rewrite HU; ring). rewrite Rplus_0_r, IH. apply relu_pos. apply relu_nonneg.
Qed.

Definition post_readout (P : stream_param) (v : matrix) : stream_param := stream_make (sW P) v (sA P) (sU P) (sQ P).

Lemma pstate_readout P P' : sW P' = sW P -> (forall n, sA P' n = sA P n) -> (forall n, sU P' n = sU P n) ->
  (forall n, sQ P' n = sQ P n) -> forall n k, pstate P' n k = pstate P n k.
Proof.
  intros EW EA EU EQ. induction n as [|n IH]; intros k; apply functional_extensionality; intros j; cbn [pstate].
  - unfold stream_feature. now rewrite EW.
  - rewrite IH, EA, EU, EQ. reflexivity.
Qed.

Lemma post_affine P v t : post (lin t P (post_readout P v))
  = fun k c => (1 - t) * post P k c + t * post (post_readout P v) k c.
Proof.
  apply matrix_ext; intros k c. unfold post. rewrite <- !lsum_scal, <- lsum_plus. apply lsum_ext; intros j _.
  rewrite (pstate_readout P (lin t P (post_readout P v))), (pstate_readout P (post_readout P v)) by
    (reflexivity || (apply matrix_ext; intros; unfold post_readout; stream_entries; ring)
     || (intros; apply matrix_ext; intros; unfold post_readout; stream_entries; ring)
     || (intros; apply functional_extensionality; intros; apply matrix_ext; intros; unfold post_readout; stream_entries;
         ring)).
  change (sV (lin t P (post_readout P v)) j c) with ((1 - t) * sV P j c + t * v j c).
  change (sV (post_readout P v) j c) with (v j c). ring.
Qed.

(** from a network that does not read J to g* on J, for any loss with its maximum at the ends of readout lines *)
Lemma post_land (Phi : (nat -> vector) -> R) l w v P J : max_at_ends Phi -> slots m l J -> unread P J ->
  exists T, post T = two_layer X l w v /\
    joined (fun P' => Phi (post P') <= Rmax (Phi (post P)) (Phi (two_layer X l w v))) P T.
Proof.
  intros HPhi (HN & HL & HJm) H0.
  set (P1 := enter P J (fun j => w (pos j J))).
  set (v1 := fun j c => if mem j J then v (pos j J) c else 0). set (P2 := post_readout P1 v1).
  assert (N1 : post P1 = post P) by (unfold P1; rewrite <- (lin_1 P (enter P J _)); now apply enter_silent).
  assert (N2 : post P2 = two_layer X l w v).
  { apply matrix_ext; intros k c. unfold post, two_layer.
    rewrite (lsum_ext (seq 0 m) _ (fun j => if mem j J then v (pos j J) c * relu (dot X (w (pos j J)) (input X k))
      else 0)).
    - rewrite (lsum_mem m J (fun j => v (pos j J) c * relu (dot X (w (pos j J)) (input X k))) HN HJm).
      rewrite lsum_nth, HL. apply lsum_ext; intros i Hi. apply in_rng in Hi. now rewrite pos_nth by (easy || lia).
    - intros j _. change (sV P2 j c) with (v1 j c). unfold v1. destruct (mem j J) eqn:E; [|ring].
      rewrite (pstate_readout P1 P2) by reflexivity. rewrite carried.
      + unfold stream_feature. do 2 f_equal. apply dot_ext; intros i. unfold P1, enter; stream_entries. now rewrite E.
      + intros n s. unfold P1, enter; stream_entries. now rewrite E. }
  exists P2. split; [easy|].
  apply (joined_step _ P P1).
  - intros t _. unfold P1. rewrite enter_silent by easy. apply Rmax_l.
  - apply joined_line. intros t Ht. unfold P2. rewrite post_affine. fold P2. rewrite <- N2, <- N1.
    now apply HPhi.
Qed.

(** * Reading J off *)

Definition quiet (P : stream_param) (J : list nat) : stream_param :=
  stream_make (sW P) (fun j c => if mem j J then 0 else sV P j c) (fun n j a => if mem j J then 0 else sA P n j a)
    (sU P) (sQ P).
Definition read_off (P : stream_param) (J : list nat) (M : matrix) (r n : nat) : R :=
  l2norm X r (fun k a => \sum_(j < m) ((if mem j J then M j a else 0) * pstate P n k j)).

Definition post_bounds (P : stream_param) (v : R) (u a : nat -> R) : Prop :=
  opnorm_le (outputs X) m (fun c j => sV P j c) v /\ forall n, (n < K)%nat ->
    opnorm_le (branch_in (Bl n)) m (fun i j => sA P n j i) (a n) /\ exists up lip,
    opnorm_le m (branch_out (Bl n)) (sU P n) up /\ lipschitz (Bl n) (sQ P n) lip /\ u n = up * lip.

Fixpoint post_change (P : stream_param) (J : list nat) (u a : nat -> R) (n : nat) : R :=
  match n with
  | O => 0
  | S n => (1 + u n * a n) * post_change P J u a n + u n * read_off P J (sA P n) (branch_in (Bl n)) n
  end.
Definition post_deviation (P : stream_param) (J : list nat) (v : R) (u a : nat -> R) : R :=
  read_off P J (sV P) (outputs X) K + v * post_change P J u a K.

(** what a matrix whose columns on J shrink reads of a state that moves *)
Lemma faded_reading (M : matrix) r c (J : list nat) t (z z' : nat -> vector) : 0 <= t <= 1 ->
  opnorm_le r m (fun a j => M j a) c ->
  l2norm X r (fun k a => \sum_(j < m) (((1 - t) * M j a + t * (if mem j J then 0 else M j a)) * z' k j)
      - \sum_(j < m) (M j a * z k j))
  <= c * l2norm X m (fun k j => z' k j - z k j)
     + t * l2norm X r (fun k a => \sum_(j < m) ((if mem j J then M j a else 0) * z k j)).
Proof.
  intros Ht Hop. pose proof (proj1 Hop) as Hc. set (f := fun j => if mem j J then 1 - t else 1).
  assert (Hf : forall j, 0 <= f j <= 1) by (intros j; unfold f; destruct (mem j J); lra).
  rewrite <- (l2norm_scal_pos X r t) by lra. rewrite <- (l2norm_opp X r (fun k a => t * _)).
  eapply Rle_trans.
  { apply Req_le, (f_equal (l2norm X r)).
    apply (matrix_ext _ (fun k a => \sum_(j < m) (M j a * (f j * (z' k j - z k j)))
      + - (t * \sum_(j < m) ((if mem j J then M j a else 0) * z k j)))).
    intros k a. rewrite <- lsum_scal, <- lsum_minus.
    transitivity (\sum_(j < m) (M j a * (f j * (z' k j - z k j)) - t * ((if mem j J then M j a else 0) * z k j))).
    - apply lsum_ext; intros j _. unfold f. destruct (mem j J); ring.
    - rewrite lsum_minus. ring. }
  eapply Rle_trans; [apply l2norm_triangle|]. apply Rplus_le_compat_r.
  eapply Rle_trans; [apply (opnorm_l2 X r m (fun a j => M j a) c (fun k j => f j * (z' k j - z k j)) Hop)|].
  apply Rmult_le_compat_l; [easy|]. apply wnorm_mono; [apply weight_fst|]. intros kj _. cbv beta.
  rewrite Rabs_mult. specialize (Hf (snd kj)). rewrite (Rabs_right (f (snd kj))) by lra.
  pose proof (Rabs_pos (z' (fst kj) (snd kj) - z (fst kj) (snd kj))). nra.
Qed.

Lemma post_state_moves P J v u a t : post_bounds P v u a -> 0 <= t <= 1 -> forall n, (n <= K)%nat ->
  l2norm X m (fun k j => pstate (lin t P (quiet P J)) n k j - pstate P n k j) <= t * post_change P J u a n.
Proof.
  intros [_ Hb] Ht. set (P' := lin t P (quiet P J)). induction n as [|n IH]; intros Hn.
  - simpl. rewrite Rmult_0_r. right. apply l2norm_zero. intros k j. unfold stream_feature.
    rewrite (dot_ext X (sW P' j) (sW P j)); [ring|]. intros i. unfold P', quiet; stream_entries; ring.
  - specialize (IH ltac:(lia)). destruct (Hb n ltac:(lia)) as (HA & up & lip & HU & Hl & Eu).
    pose proof (proj1 HU) as Hup. pose proof (proj1 Hl) as Hlip.
    set (z := pstate P n) in *. set (z' := pstate P' n) in *.
    set (rd := fun k i => \sum_(j < m) (sA P n j i * z k j)).
    set (rd' := fun k i => \sum_(j < m) (((1 - t) * sA P n j i + t * (if mem j J then 0 else sA P n j i)) * z' k j)).
    set (dq := fun k s => act (Bl n) (sQ P n) (rd' k) s - act (Bl n) (sQ P n) (rd k) s).
    assert (Hread : l2norm X (branch_in (Bl n)) (fun k i => rd' k i - rd k i)
      <= a n * (t * post_change P J u a n) + t * read_off P J (sA P n) (branch_in (Bl n)) n).
    { eapply Rle_trans; [apply (faded_reading (sA P n) _ (a n) J t z z' Ht HA)|].
      apply Rplus_le_compat_r, Rmult_le_compat_l; [apply (proj1 HA) | exact IH]. }
    assert (Hq : l2norm X (branch_out (Bl n)) dq <= lip * l2norm X (branch_in (Bl n)) (fun k i => rd' k i - rd k i)).
    { rewrite !l2norm_iter. unfold pnorm. rewrite <- (wnorm_scal_pos _ _ lip) by easy.
      apply wnorm_mono; [apply weight_nonneg|]. intros k _. rewrite !Rabs_right; cycle 1.
      { apply Rle_ge, Rmult_le_pos; [easy | apply enorm_nonneg]. } { apply Rle_ge, enorm_nonneg. }
      apply Hl. }
    assert (Hstep : l2norm X m (fun k j => pstate P' (S n) k j - pstate P (S n) k j)
      <= l2norm X m (fun k j => z' k j - z k j) + up * l2norm X (branch_out (Bl n)) dq).
    { eapply Rle_trans; [|apply Rplus_le_compat_l, (opnorm_l2 X m (branch_out (Bl n)) (sU P n) up dq HU)].
      eapply Rle_trans; [|apply l2norm_triangle]. apply wnorm_mono; [apply weight_fst|]. intros kj _. cbn [pstate].
      fold z z'. eapply Rle_trans; [apply L1b_lipschitz|]. right. f_equal.
      replace (sQ P' n) with (sQ P n) by (apply functional_extensionality; intros d; apply matrix_ext; intros; unfold P',
        quiet; stream_entries; ring).
      assert (ER : (fun i => \sum_(j < m) (sA P' n j i * z' (fst kj) j)) = rd' (fst kj)).
      { apply functional_extensionality; intros i. apply lsum_ext; intros j _. unfold P', quiet; stream_entries. easy. }
      rewrite ER. fold (rd (fst kj)).
      rewrite (lsum_ext (seq 0 (branch_out (Bl n))) (fun s => sU P n (snd kj) s * dq (fst kj) s)
        (fun s => sU P n (snd kj) s * act (Bl n) (sQ P n) (rd' (fst kj)) s - sU P n (snd kj) s * act (Bl n) (sQ P n)
          (rd (fst kj)) s)) by (intros; unfold dq; ring).
      rewrite lsum_minus.
      rewrite (lsum_ext (seq 0 (branch_out (Bl n))) (fun s => sU P' n (snd kj) s * act (Bl n) (sQ P n) (rd' (fst kj)) s)
        (fun s => sU P n (snd kj) s * act (Bl n) (sQ P n) (rd' (fst kj)) s))
        by (intros; unfold P', quiet; stream_entries; ring).
      match goal with |- _ + ?q - (_ + ?s) = _ - _ + (?q' - ?s') => change q' with q; change s' with s end. ring. }
    cbn [post_change]. pose proof (Rmult_le_compat_l up _ _ Hup (Rle_trans _ _ _ Hq (Rmult_le_compat_l lip _ _ Hlip
      Hread))) as H. rewrite Eu. lra.
Qed.

(** "D_P(J)": the change of the output while J is read off *)
Theorem T1P_deviation P J v u a t : post_bounds P v u a -> 0 <= t <= 1 ->
  fnorm X (fun k c => post (lin t P (quiet P J)) k c - post P k c) <= t * post_deviation P J v u a.
Proof.
  intros Hb Ht. pose proof (proj1 Hb) as HV.
  pose proof (faded_reading (sV P) (outputs X) v J t (pstate P K) (pstate (lin t P (quiet P J)) K) Ht HV) as H.
  eapply Rle_trans; [exact H|]. pose proof (post_state_moves P J v u a t Hb Ht K (Nat.le_refl K)) as HK.
  apply (Rmult_le_compat_l v) in HK; [|apply (proj1 HV)]. unfold post_deviation. fold (read_off P J (sV P) (outputs X) K).
  lra.
Qed.

(** T1P: "a path to g* on J with sqrt L <= max(sqrt L(theta) + D_P(J), sqrt L* )", for any loss as tame as that *)
Theorem T1P_connect Phi G l w v P J nv u a : tame X G Phi -> slots m l J -> post_bounds P nv u a ->
  exists T gam, post T = two_layer X l w v /\ path gam /\ gam 0 = P /\ gam 1 = T /\ forall t, 0 <= t <= 1 ->
    Phi (post (gam t)) <= Rmax (Phi (post P) + G * post_deviation P J nv u a) (Phi (two_layer X l w v)).
Proof.
  intros (HG & Hlip & HPhi) HJ Hb. set (D := post_deviation P J nv u a). set (P1 := quiet P J).
  assert (Hdev : forall t, 0 <= t <= 1 -> Phi (post (lin t P P1)) <= Phi (post P) + G * (t * D)).
  { intros t Ht. eapply Rle_trans; [apply (Hlip _ (post P))|]. apply Rplus_le_compat_l, Rmult_le_compat_l; [easy|].
    now apply T1P_deviation. }
  assert (HD : 0 <= D).
  { pose proof (T1P_deviation P J nv u a 1 Hb ltac:(lra)) as H. fold D in H.
    pose proof (fnorm_nonneg X (fun k c => post (lin 1 P (quiet P J)) k c - post P k c)). lra. }
  assert (H0 : unread P1 J).
  { intros j Hj. apply mem_In in Hj. split; intros; unfold P1, quiet; stream_entries; now rewrite Hj. }
  destruct (post_land Phi l w v P1 J HPhi HJ H0) as (T & ET & Hland).
  set (c := Rmax _ _).
  destruct (joined_path (fun P' => Phi (post P') <= c) P T) as (gam & Hg & g0 & g1 & H).
  - apply (joined_step _ P P1).
    + intros t Ht. eapply Rle_trans; [now apply Hdev|]. eapply Rle_trans; [|apply Rmax_l].
      apply Rplus_le_compat_l, Rmult_le_compat_l; [easy|]. nra.
    + eapply joined_mono; [|exact Hland]. intros P' HP'. eapply Rle_trans; [exact HP'|]. apply Rmax_lub; [|apply Rmax_r].
      eapply Rle_trans; [|apply Rmax_l]. rewrite <- (lin_1 P P1). eapply Rle_trans; [apply Hdev; lra | lra].
  - exists T, gam. repeat split; easy.
Qed.
End Post.
